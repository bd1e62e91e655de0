import type { Story } from './story.js';
import { DAY_MS } from '../../../platform/durations.js';

/** The number of the first tide note, published after the last story. */
const FIRST_NOTE = 17;

/** Days from one spring tide to the next: half a lunar month. */
const SPRING_TO_SPRING_DAYS = 14.765;

/** A note about today's tide; the same number and day always give the same note. */
export function tideNote(written: number, day: Date): Story {
  const number = FIRST_NOTE + written;
  return {
    slug: `tide-tables-note-${number}`,
    title: `Tide tables, note ${number}`,
    author: 'Petra Lund',
    topic: 'Harbour',
    summary: `High water at the north steps at ${highWater(day, number)}, ${strength(day)}. With one remark from the harbour office.`,
    body: [figures(day, number), REMARKS[number % REMARKS.length], ADVICE[number % ADVICE.length]].join(
      '\n\n',
    ),
  };
}

function figures(day: Date, number: number): string {
  return `High water at the north steps comes at ${highWater(day, number)} and again some twelve hours and twenty-five minutes later. It is ${strength(day)}: look for the mark on the third step. The gauge is read by eye, at dawn, by whoever has the key.`;
}

/** The time of high water, fifty minutes later each day; another note of the same day has another time. */
function highWater(day: Date, number: number): string {
  const minutes = (day.getUTCDate() * 50 + number * 50) % (12 * 60);
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}

function strength(day: Date): string {
  const phase = (day.getTime() / DAY_MS / SPRING_TO_SPRING_DAYS) % 1;
  if (phase < 0.25 || phase > 0.75) return 'near springs, with strong streams off the breakwater';
  return 'near neaps, with little stream and a lot of mud';
}

const REMARKS = [
  'The office thanks whoever returned the boat hook. It was the right one, and it had been oiled.',
  'A seal has taken to the slip between the ferry’s second and third crossing. It gives way, in its own time. Please do the same.',
  'The yellow buoy remains at the north steps. It has been given a coat of wax by persons unknown.',
  'Two sets of oars are in the office, both left-handed, if there is such a thing. The owners may like to come together.',
  'The weather glass has been tapped so often that it now agrees with everybody. Mr Dragan has been asked to look at it.',
];

const ADVICE = [
  'If you are rowing to the far shore, leave on the last of the flood and you will be carried home by the first of the ebb. It is the same effort and twice the pleasure.',
  'Small boats on the inner wall: please lengthen your lines by an arm before the evening. It is easier than lengthening them at three in the morning.',
  'Walkers on the causeway have two and a half hours either side of low water, and not a minute more. The sea does not give notice.',
];
