import type { Story } from './story.js';

/** From the shore: what lives along it, and when to go and look. */
export const SHORE_STORIES: Story[] = [
  {
    slug: 'the-curlews-are-back',
    title: 'The curlews are back on the salt marsh',
    author: 'Mirembe Okello',
    topic: 'Shore',
    summary:
      'Nineteen of them, on the first cold morning, exactly where they were last year. A short guide to seeing them without being seen.',
    body: `
You hear them first. It is a rising note that bubbles over at the top, like a kettle with good news, and it carries a long way over flat water. On Friday morning, with frost on the sea lavender, I counted nineteen curlews on the marsh below the rope works. There were nineteen last year.

They come from the high moors, where they nest, and they stay for the mud. A curlew’s bill is longer than seems reasonable until you watch one at work: it walks, it stops, it listens with its feet, and then the whole bill goes in, as calmly as a hand into a coat pocket. What it takes out is a ragworm or a small crab. What it leaves is a neat round hole.

Go two hours before high water. The rising tide brings them up towards the path, and you need not walk at all. Sit with your back against the third groyne, where the wall breaks your outline. Keep the dog at home. If the heads come up all together you are too close; stay still until one goes down again.

Each time they have to fly they spend what an hour of feeding earned. In a mild week that is a nuisance. In a cold one it decides who goes back to the moor in spring.

I would like it to be nineteen.
`,
  },
  {
    slug: 'reading-the-tideline',
    title: 'How to read a tideline',
    author: 'Mirembe Okello',
    topic: 'Shore',
    summary:
      'The dark stripe along the beach is yesterday’s newspaper. Here is what Sunday’s had to say, from mermaid’s purses to a very well travelled bean.',
    body: `
Walk along any beach after a blow and you will find the sea has been writing. The dark stripe of weed at the top of the last tide is its daily paper, and like any paper it is mostly weather, with a few announcements.

The weather first. Long leathery straps with a holdfast like a fist come from the kelp beds beyond Gannet Rock; they mean that it was rough below and not only on top. If the weed is fine and red, the wind merely tidied up the shallows.

Then the announcements. A small black pouch with a horn at each corner is a mermaid’s purse, the egg case of a skate or a dogfish. Hold it up to the light: if it is empty, somebody has hatched. A white oval as light as biscuit is a cuttlebone. A string of crisp yellowish balls, like packing that went out of fashion, is the nursery of a whelk.

And now and then there is foreign news. On Sunday, between a glove and a cork, lay a brown bean as large as a plum stone, polished like furniture. It is a sea heart. It fell from a vine into a tropical river and spent perhaps a year and a half on the way here.

Take one thing home, if you like. Leave the rest: the sandhoppers have not finished reading.
`,
  },
  {
    slug: 'a-map-of-quiet-places',
    title: 'A map of quiet places',
    author: 'Mirembe Okello',
    topic: 'Shore',
    summary:
      'Seven readers told us where they go when they want to hear nothing. We went to all of them with a notebook and sat down.',
    body: `
We asked for quiet places and seven of you answered. I have now sat in all of them for half an hour each, with my telephone in the bread bin at home.

The chapel steps, at noon: bees, a gate, the flag’s rope tapping on its pole. The reader who sent it wrote that she goes there “to hear what I think”. It takes about ten minutes before one does.

The inside of the old rope works, which is four hundred metres long and one room wide. If you stand at one end and speak, the other end answers after you have given up.

The third groyne at low water, where sea and wind cancel each other out in a patch no larger than a kitchen. The upper deck of the ferry on the first boat. The seed shop, among the drawers. The bench at the north steps, which has an audience now, because of the buoy, but a considerate one.

The last letter said only: “My mother’s car, in the drive, after she has turned off the engine and before she opens the door.” I did not ask to sit in it. I tried my own. It is exactly as good as he says.

None of these places is silent. I think what we mean by quiet is that nothing there is asking for us.
`,
  },
  {
    slug: 'counting-rockpools-by-lamplight',
    title: 'Rock pools by lamplight',
    author: 'Mirembe Okello',
    topic: 'Shore',
    summary:
      'The lowest tide of the year falls at night. Thirty volunteers went out with red lamps to count what lives at the bottom of the stairs.',
    body: `
Twice a year the sea goes out further than it needs to, and uncovers a strip of rock that belongs to nobody on land. This autumn it happened at ten minutes to three in the morning. Thirty people came anyway.

The count is simple. Each pair has a square of wire, half a metre across, and lays it down every ten paces along a string. Whatever is inside the wire goes on the sheet. Lamps are red, because most of what lives down there does not mind red, and because it makes everybody look like a conspirator.

By day a rock pool is a still life. By night it is a street. Prawns come out and walk about with both eyes lit. Cushion stars, which seem to be painted on, turn out to be on their way somewhere. In square sixty-one Ola Brandt, nine, found a sea hare laying a scarf of pink eggs and did not say a word for four minutes, which her uncle confirms is a record.

We counted two hundred and twelve squares and ninety-four kinds. Last year it was eighty-eight. Six more may be the warmth of the water, or better lamps, or thirty people who could not sleep; the sheet has no column for that.

The tide turned at seven past three. We walked up in front of it, all the way to the steps.
`,
  },
];
