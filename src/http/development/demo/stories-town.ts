import type { Story } from './story.js';

/** From the streets behind the quay. */
export const TOWN_STORIES: Story[] = [
  {
    slug: 'the-library-lends-a-ladder',
    title: 'The library lends a ladder',
    author: 'Tomasz Reed',
    topic: 'Town',
    summary:
      'Marrowby library has begun to lend things that are not books. In the first month the most wanted item was a ladder, and the most overdue one a waffle iron.',
    body: `
There is a shelf in Marrowby library, between travel and local history, where the books stop and the tools begin. It holds a ladder, a sewing machine, two tents, a telescope, a set of spirit levels and something the catalogue calls “waffle iron, heavy”.

The idea came from the returns desk. “People kept telling us what they were going to do with the book,” says librarian Noor Haddad. “Then they came back and told us they hadn’t, because they didn’t have a drill.”

Everything can be borrowed for a week with an ordinary library card. Each item has a card of its own, tied on with string, where borrowers may write a line for the next one. The ladder’s says: third rung creaks, it is honest about it. The telescope’s says: go up to the chapel, look left of the mast, thank you.

In the first month the ladder went out nine times, mostly for gutters. The telescope went out six times, and came back six times on the morning after a cloudy night. The waffle iron went out once. It is eleven days overdue, and the reminder was answered with a plate, warm, under a cloth.

Ms Haddad has not decided what to do about it. The rules say a fine. The staff say Thursday would be a good day for another reminder.
`,
  },
  {
    slug: 'forty-two-chairs',
    title: 'Forty-two chairs for a street of nineteen houses',
    author: 'Tomasz Reed',
    topic: 'Town',
    summary:
      'Once a summer Cooper Row carries its furniture outside and eats together. This year somebody counted, and the numbers do not add up in the nicest way.',
    body: `
Cooper Row has nineteen houses, thirty-six residents and, since last Sunday, a mystery. When the street sat down to its yearly lunch there were forty-two chairs at the table, and every one was taken.

The lunch has no committee. On the second Sunday of the summer somebody carries out a table, somebody sees it and carries out another, and by noon there is one long board down the middle of the road with eleven kinds of tablecloth. A hand-lettered sign at the corner tells drivers that the street is closed on account of soup.

It was Ola Brandt, nine years old, who counted. She has been put in charge of spoons two years running and takes numbers seriously. Thirty-six residents, less two away, make thirty-four. There were forty-two people. None of them looked like a stranger.

Enquiries were made between the soup and the cake. The postman had stayed after a question about a parcel. Two students had been looking for the station. A man from the water company had come to read a meter. A couple on a walking tour had asked if this was a restaurant and been told yes. The remaining two are still unclear; one of them made the potato salad.

The washing up was done by five. Ola has put the spoons away, forty-two of them, and written the number inside the lid of the box for next year.
`,
  },
  {
    slug: 'the-clock-that-is-four-minutes-slow',
    title: 'A vote about four minutes',
    author: 'Tomasz Reed',
    topic: 'Town',
    summary:
      'The town hall clock has been four minutes slow for as long as anyone remembers. On Thursday the council was asked to correct it, and found the gallery full.',
    body: `
The motion was one line long: that the clock of the town hall be set to the right time. The council expected to spend a minute on it. It spent an hour and ten, or by the clock in question an hour and six.

Councillor Ruth Amsel, who moved it, argued that a public clock is a promise. Visitors miss the ferry. Weddings begin late in the registry and early in the church. Everybody agreed with her, and then they began to speak.

A baker said that the four minutes are when the second tray comes out. A driver said the last bus waits for the clock and not for his watch, and named three people who would otherwise walk. A woman who did not give her name said that she had met her husband in those four minutes, on the steps, both of them thinking they were on time.

The clockmaker, Emil Dragan, was asked whether it was difficult to put right. He said it was a matter of a quarter turn, that his father had been asked the same thing in this room, and that his father had been told to leave it.

In the end the council voted nine to two for a plaque. It will hang below the clock and say how slow it is. Mr Dragan has been engaged to make sure that it stays exactly that slow.
`,
  },
  {
    slug: 'the-last-typewriter-repairer',
    title: 'Three keys left to mend',
    author: 'Ada Whitlow',
    topic: 'Town',
    summary:
      'Emil Dragan mends clocks because people ask him to, and typewriters because they have stopped asking. His window is the best reading in town.',
    body: `
There is always a sheet of paper in the typewriter in Emil Dragan’s window, and there is always one more line on it than there was the day before. People cross Mill Street to see how it goes on.

He began it eight years ago to show that the machine worked. “A typewriter with no paper looks broken, even when it isn’t.” The first line was about a fox on the bandstand. The story has since had a flood, two trials and a wedding, and the fox is on the council. Mr Dragan types the day’s line after lunch, standing, without a plan.

The workshop behind holds some sixty machines. He bought most of them by weight. Each has a label with what it lacks: a spring, a ribbon, the letter k. He makes the springs himself from piano wire, and the letters he trades with a man four hundred kilometres away whom he has never met and whose handwriting he likes.

Customers are few and they are never in a hurry. A student wanted something that could not interrupt her. A widower brought a portable with three dead keys and asked for them to be left as they were, and for everything else to be made perfect.

It took a month. Mr Dragan did not write a bill. In the window, that week, the fox was said to have gone away for a while, to visit a friend.
`,
  },
];
