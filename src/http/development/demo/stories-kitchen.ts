import type { Story } from './story.js';

/** From the kitchens of the town: what to make of what there is. */
export const KITCHEN_STORIES: Story[] = [
  {
    slug: 'soup-for-a-wet-tuesday',
    title: 'Soup for a wet Tuesday',
    author: 'Ada Whitlow',
    topic: 'Kitchen',
    summary:
      'Leeks, potatoes, and the end of a smoked fish: forty minutes, one pot, and no shopping if you have been living sensibly.',
    body: `
Some soups are for guests. This one is for the evening when the rain comes in sideways, the shop has shut, and the day has been slightly too long.

You need two leeks, three potatoes of the floury kind, a piece of butter as big as a walnut, and the end of a smoked fish: haddock, mackerel, whatever is left of the thing you bought for breakfast on Sunday. Half a litre of milk. A bay leaf, if the tree next door leans over the wall.

Slice the leeks and wash them properly. There is always sand, and it is always in the one you did not look at. Let them go soft in the butter with the lid on, ten minutes, without colour. Add the potatoes in small dice, water to cover and the bay leaf. When a potato gives way to the back of a spoon, crush about half of them against the side of the pot. That is all the thickening it wants.

Now the milk, and the fish in flakes, and the heat so low that nothing moves. Five minutes. Taste before you salt, because the fish has opinions.

Pepper, a lot of it. Bread that was better yesterday, toasted. It feeds three, or two who have been out in it. What is left will be excellent on Wednesday, and it will still be raining.
`,
  },
  {
    slug: 'the-right-way-with-mussels',
    title: 'The right way with mussels, according to four people',
    author: 'Ada Whitlow',
    topic: 'Kitchen',
    summary:
      'We asked four cooks on Quay Street how to steam a mussel. They agreed on the pot, the lid and the bread. The rest took until midnight.',
    body: `
There are four kitchens on Quay Street that serve mussels, and they buy from the same boat at the same hour. That is where the harmony ends.

Lena at the Anchor uses cider, because her grandmother did, and because wine “makes a mussel feel watched”. A shallot, a spoon of mustard at the end, nothing green.

Bao at Number Nine wants ginger and spring onion, hot oil over the top so that it spits, and no liquid at all. A mussel, he says, brings its own sea. He is right; try it once and you will pour less of everything.

Old Mr Ferrand keeps to white wine and garlic and will hear nothing against it. His secret is to be early: he lifts each one out the moment it opens and lets the others think about it. It is a lot of standing. They are the best on the street, and he would like that printed.

Sam at the chip van puts them on the flat iron with seaweed over, for two minutes, and hands them out in paper. It is not on the menu. You have to ask, and it has to be dark.

What all four agree on: a heavy pot with a tight lid, as hot as it will go; throw away what is broken before, and what stays shut after; and more bread than you think. Then more than that.
`,
  },
  {
    slug: 'what-to-do-with-green-tomatoes',
    title: 'The optimist’s green tomatoes',
    author: 'Ada Whitlow',
    topic: 'Kitchen',
    summary:
      'They are not going to ripen. It is time somebody said so. Here is a jar of something sharp that makes the news easier to bear.',
    body: `
Every year I leave the last tomatoes on the vine a week too long. There may be sun, I say, in the tone of somebody who has not looked out of the window. Then there is a night with a clear sky and I am standing in the bed with a torch and a bowl.

A kilo of green tomatoes, then. Slice them thinly, salt them well, and leave them overnight in a colander with a plate on top. By morning they will have wept a cupful and be ready to listen.

In a wide pan put three hundred millilitres of cider vinegar, two hundred grams of brown sugar, a sliced onion, a thumb of ginger in matchsticks, a spoon of mustard seed and a dried chilli. Let it boil until the kitchen makes you cough. Add the tomatoes, rinsed and squeezed. Now turn it down and let it tick for forty minutes, until a spoon drawn across the bottom leaves a road that takes its time to close.

Fill it hot into clean jars. It is sharp for a fortnight, and after a month it becomes reasonable. By midwinter, next to a piece of hard cheese, it tastes like something you meant to do.

Label it with the year. Not for safety; for the argument, next autumn, about whether there may still be sun.
`,
  },
  {
    slug: 'a-bun-older-than-the-bakery',
    title: 'A bun older than the bakery',
    author: 'Halina Brandt',
    topic: 'Kitchen',
    summary:
      'Every skipper who takes ice brings a bun in return. Our night-shift correspondent followed the custom back to a bad winter and a good recipe.',
    body: `
I have been paid in buns for nineteen years, and it is fair that I should look into it.

The custom is simple. A skipper who comes for ice brings one bun: plain, round, a little cardamom, pearl sugar on top. There is no rule. A young man forgot it once and came back in the afternoon, an hour each way, to put it right.

The bakery on Mill Street makes them and will not call them anything but ice buns, yet they are not the bakery’s. I went through the old day books. The first bun is in the winter of 1934, in pencil: “No money in the boats. Ice given. M. sent bread.” After that there is a small circle in the margin, every night, for four months. Then the fishing came back, and so did the money, and the circles went on.

M. was Marta Voss, Arne’s mother. He gave me the recipe over the fence, from memory, and was firm about two things. The dough must stand overnight where it is cold. And you do not eat your own; you bake them to be given.

So, for the record: half a kilo of flour, a quarter litre of milk, eighty grams of butter, sixty of sugar, a spoon of fresh cardamom, yeast the size of a hazelnut. A night on the window sill. Twelve minutes in a hot oven at four.

Balanced, as I write in the book.
`,
  },
];
