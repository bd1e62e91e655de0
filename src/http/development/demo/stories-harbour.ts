import type { Story } from './story.js';

/** From the quays: boats, lights and the people who mind them. */
export const HARBOUR_STORIES: Story[] = [
  {
    slug: 'who-owns-the-yellow-buoy',
    title: 'Nobody owns the yellow buoy',
    author: 'Ines Calder',
    topic: 'Harbour',
    summary:
      'It came in on the spring tide, it is the size of a small car, and it carries no name. The harbour office has asked eleven authorities. All of them are sure it is not theirs.',
    body: `
The yellow buoy arrived on Tuesday’s tide and has been tied to the north steps since, where it bumps against the wall like a polite cow. It stands two metres out of the water. It has a solar panel, a dent and a family of barnacles, and it has no name on it anywhere.

“We thought that would be the easy part,” says harbour master Petra Lund. She has written to eleven authorities in four countries. The survey says it is not a survey buoy. The weather service says it is a handsome one but not theirs. A university asked for a photograph, then for a better photograph, then said it would have liked it to be theirs.

Inside, behind a hatch that took Jonas from the boatyard an hour to free, there is a battery, a bag of dry rice against the damp, and a laminated card. The card says, in English and in neat capitals: please be kind, this one has had a long trip.

The barnacles may know more. Mirembe Okello, who writes about the shore for this paper, counted their growth rings and believes the buoy has been adrift for about two years.

Under harbour law a thing found afloat may be claimed within a year and a day. Until then it is in the care of the office, which has moved a bench to the north steps, because people kept standing there.
`,
  },
  {
    slug: 'the-light-on-gannet-rock',
    title: 'The light on Gannet Rock goes quiet for a night',
    author: 'Ines Calder',
    topic: 'Harbour',
    summary:
      'For the first time since 1961 the lamp on Gannet Rock was dark on purpose. Half the town walked out on the breakwater to see what the bay looks like without it.',
    body: `
At ten past nine on Saturday, Petra Lund put her thumb on a grey switch, waited for the harbour office to say yes, and turned off the light on Gannet Rock. It had not been dark on purpose since 1961.

The reason was dull: the lamp needed a new bearing, the bearing needed a calm night, and the pilots needed to know. What nobody had planned for was the crowd. By nine there were some two hundred people along the breakwater, with flasks and folding chairs and one accordion.

> You only notice a clock when it stops ticking.

That was how Arne Voss put it, who has lived opposite the rock for eighty-one years and says he slept badly. Without the beam passing every twelve seconds the bay seemed wider and a good deal older. People pointed out the Plough to one another, and then the mast lights of the ferry, and then, a little shyly, nothing at all.

The repair took three hours and forty minutes. A launch with a searchlight lay off the rock the whole time, so that nobody at sea was left guessing. At ten to one the lamp came round again, and those who had stayed did what people do at the end of a film: they stood for a moment, then looked for their gloves.

The new bearing should last thirty years. There is already talk of not waiting that long.
`,
  },
  {
    slug: 'night-shift-at-the-ice-house',
    title: 'Night shift at the ice house',
    author: 'Ines Calder',
    topic: 'Harbour',
    summary:
      'Before the boats, before the bakers, somebody has to make eleven tonnes of ice. We sat with Halina Brandt from midnight to six and learned to hear when it is ready.',
    body: `
The ice house is the loudest building in Marrowby between midnight and four, and nobody complains, because nobody lives near enough and because everybody likes fish.

Halina Brandt has run the night shift for nineteen years. She keeps a radio she cannot hear, a chair she does not sit in and a notebook in which each night has one line: the temperature of the sea, the number of boats, the tonnes of ice. Last night’s says 11, 9, 11. “Balanced,” she says, and shuts the book with some pleasure.

The machine freezes a sheet of sea water on the inside of a drum and scrapes it off in flakes. Good flakes sound like someone folding paper in another room. Bad ones, when the water is too warm or the blade is tired, sound like gravel. By two o’clock we could tell them apart. By three we could not have said how.

The first skipper comes at twenty past four. There is a form to sign, and a bun to hand over, because some customs are older than forms. The chute opens, the ice goes down into the hold with a noise like applause, and the boat sits lower in the water.

At six Halina writes the line, puts on a dry coat and walks home along the quay against the stream of people coming to work. She says good night to all of them.
`,
  },
  {
    slug: 'the-ferry-learns-to-whisper',
    title: 'The ferry learns to whisper',
    author: 'Tomasz Reed',
    topic: 'Harbour',
    summary:
      'The new electric ferry made its first crossing on Monday. Passengers liked the view and missed the noise, and one of them has offered to supply it.',
    body: `
The old ferry could be heard from the church. It shook teacups on Quay Street and set off the same dog four times a day. Its successor, the Second Wind, left the slip on Monday morning with forty passengers and a sound like a refrigerator thinking.

The crossing to the far shore takes eighteen minutes, as it always did. The difference is in what happens during them. People talked. A schoolteacher marked a whole set of essays on rivers. Two brothers from the far side, who have taken the same boat for thirty years, discovered that they disagree about nearly everything.

The batteries charge while the boat lies at the slip, from a cable as thick as a wrist. The captain, Dorota Hahn, says the hard part was learning to stop. “The old engine told you what it was about to do. This one waits for you to ask.” She now calls out the last fifty metres, partly for the crew and partly, she admits, for the company.

The noise has its mourners. Arne Voss set his watch by it. The dog, we are told, still goes to the gate at a quarter past eight, listens, and returns to the house with the air of someone who has been let down by an institution.

A retired engineer has offered the ferry company a recording of the old engine, at no charge. The company is thinking about Sundays.
`,
  },
];
