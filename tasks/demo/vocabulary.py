"""The words of the demo's little world: thirty-one of each kind, because `grammar` counts modulo a prime."""

from __future__ import annotations

from typing import NamedTuple


class Task(NamedTuple):
    """Something a person asks how to do, and four steps that do it, in order."""

    phrase: str
    steps: tuple[str, str, str, str]


class Limit(NamedTuple):
    """A condition on how the task is done, and the advice that a good answer gives about it."""

    phrase: str
    advice: str


def _task(phrase: str, *steps: str) -> Task:
    first, second, third, fourth = steps
    return Task(phrase, (first, second, third, fourth))


TASKS = (
    _task("patch a bicycle tube", "pump the tube until you hear it hiss", "roughen the rubber around the hole",
          "press the patch down for two minutes", "feel inside the tyre for thorns"),
    _task("bake a plum tart", "rub cold butter into the flour", "let the dough rest in the fridge",
          "lay the plums in tight rows", "bake it until the edges turn brown"),
    _task("grow basil from seed", "scatter the seeds on damp compost", "cover the pot with a clear bag",
          "turn the pot a little every morning", "pinch off the tips once six leaves appear"),
    _task("silence a squeaky door", "tap the hinge pin out from below", "wipe the pin with a dry cloth",
          "coat the metal with candle wax", "swing the door twenty times"),
    _task("whistle a simple tune", "wet your lips and shape a small circle", "blow softly until one note holds",
          "slide your tongue back to raise the note", "copy the melody three notes at a time"),
    _task("paint a wooden chair", "sand the old varnish away", "brush the dust out of the corners",
          "spread a thin first coat along the grain", "let it dry upside down overnight"),
    _task("fold a paper crane", "crease a square along both diagonals", "collapse it into a smaller diamond",
          "narrow the neck and the tail", "bend the beak and pull the wings apart"),
    _task("plan a picnic for ten guests", "ask everyone what they cannot eat", "choose dishes that taste good cold",
          "freeze water bottles to cool the basket", "scout a shady spot the day before"),
    _task("teach a puppy to sit", "hold a treat just above its nose", "move your hand slowly backwards",
          "praise it the moment it sits", "stop after five happy tries"),
    _task("write a letter of thanks", "name the gift in the first line", "tell how you have used it since",
          "mention the next time you will meet", "sign it by hand in dark ink"),
    _task("sharpen a kitchen knife", "soak the whetstone in cold water", "hold the blade at a low angle",
          "draw it across in slow arcs", "test the edge on a ripe tomato"),
    _task("knit a woollen scarf", "cast on thirty loose stitches", "knit every row in the same stitch",
          "count the stitches after each break", "weave the loose ends back in"),
    _task("clean a cast-iron pan", "scrub the crust with coarse salt", "rinse it with very hot water",
          "dry it over a low flame", "wipe a film of oil all over"),
    _task("build a birdhouse", "saw six boards to the same width", "drill the entrance high on the front",
          "screw the sides together without glue", "mount it away from the midday sun"),
    _task("brew a pot of ginger tea", "slice a thumb of ginger very thin", "simmer the slices for ten minutes",
          "strain the tea into a warm pot", "stir in honey when it has cooled a little"),
    _task("recognise ten bright stars", "start from the handle of the plough", "follow its curve to a bright point",
          "sketch what you see on dark paper", "name each star aloud the following night"),
    _task("pack a suitcase for a week", "write a list by day", "roll shirts instead of folding them",
          "put shoes along the edges", "leave a hand's width free for the way back"),
    _task("hang a heavy mirror", "knock on the wall to find the beam", "mark two points with a level",
          "drive long screws in at a slant", "hook the wire over both screws"),
    _task("memorise a short speech", "cut the text into five parts", "tie each part to a room you know",
          "walk through the rooms while speaking", "rehearse the first sentence most often"),
    _task("photograph the full moon", "put the camera on a firm stand", "set a short exposure",
          "focus by hand on the craters", "release the shutter with a timer"),
    _task("sew on a coat button", "double the thread and knot it", "come up from the wrong side of the cloth",
          "leave a stem as thick as a match", "wind the thread around the stem"),
    _task("start a compost heap", "lay twigs at the bottom for air", "alternate green and brown layers",
          "keep it as damp as a wrung sponge", "turn it with a fork each fortnight"),
    _task("tune a ukulele", "loosen all four strings slightly", "take the first pitch from a tuning fork",
          "match the neighbours fret by fret", "stretch the strings and tune once more"),
    _task("read a tide table", "find the nearest harbour in the index", "check whether summer time is included",
          "compare the two high waters of the day", "add a safe margin to the lowest value"),
    _task("make a rag rug", "tear old sheets into long strips", "braid three strips tightly",
          "coil the braid on a flat table", "stitch neighbouring rounds together"),
    _task("draw a map of the garden", "pace out the longest fence", "choose a scale that fills the page",
          "plot the trees before the beds", "mark north with a small arrow"),
    _task("polish leather boots", "brush off the dry mud", "work a little cream into the seams",
          "wait until the surface looks dull", "buff it with an old stocking"),
    _task("cook fluffy rice", "rinse the grains until the water runs clear", "measure the water with your finger",
          "keep the lid shut the whole time", "loosen it with a wooden fork"),
    _task("repot a large fern", "water the plant an hour earlier", "ease the roots out with a blunt stick",
          "fill the gaps with loose bark", "keep it out of the wind for a week"),
    _task("mend a torn page", "slide baking paper under the tear", "line the fibres up with a needle",
          "brush on starch paste sparingly", "press the book beneath a pile of bricks"),
    _task("found a chess club", "book the same table every Tuesday", "pin a notice with large letters to the door",
          "pair beginners with patient players", "keep the results on one long sheet"),
)  # fmt: skip

LIMITS = (
    Limit("before breakfast", "lay everything out the evening before"),
    Limit("with one hand in a sling", "clamp whatever moves to the table edge"),
    Limit("for less than ten euros", "borrow the dear things and buy only what gets used up"),
    Limit("without waking the baby", "put a folded blanket under your work"),
    Limit("during a power cut", "set candles in glass jars at both ends of the table"),
    Limit("with two impatient children", "give each of them one small duty of their own"),
    Limit("in heavy rain", "work beneath a porch and keep a towel close"),
    Limit("without any special tools", "look in the kitchen drawer for stand-ins first"),
    Limit("in under half an hour", "skip the finishing touches and come back for them later"),
    Limit("on a Sunday afternoon", "check on Saturday what the shops should still sell you"),
    Limit("for the very first time", "try it once on scrap before it counts"),
    Limit("while wearing thick gloves", "choose the largest size of every small part"),
    Limit("as a surprise for an aunt", "hide the parts in a box with a dull label"),
    Limit("without making a mess", "spread three layers of newspaper beyond your reach"),
    Limit("without telling colours apart", "label every part with a letter instead of a shade"),
    Limit("with a sore back", "raise the table and change your posture often"),
    Limit("using only what grows nearby", "walk the hedges in the morning and gather plenty"),
    Limit("in front of an audience", "prepare a finished example to show at the end"),
    Limit("by candlelight", "turn the bright side of things towards you"),
    Limit("with a friend on the telephone", "agree on names for left and right beforehand"),
    Limit("while the dog watches", "give the dog something to chew in another corner"),
    Limit("in the coldest week of January", "warm your fingers and the materials first"),
    Limit("without reading glasses", "paint the marks as thick as a pencil"),
    Limit("on a moving train", "wedge the box between your knees"),
    Limit("after a long night shift", "stop at the first yawn and finish tomorrow"),
    Limit("twice in one day", "note what went wrong after the first round"),
    Limit("with the windows closed", "take a breath of fresh air every quarter of an hour"),
    Limit("from memory", "repeat the order aloud while you walk about"),
    Limit("in complete silence", "wrap cloth around everything that rattles"),
    Limit("with the left hand only", "mirror each movement in your mind beforehand"),
    Limit("for a school fair", "make a spare one that may be touched"),
)

ROLES = (
    "a night nurse", "a retired baker", "a bus driver", "a violin teacher", "a beekeeper", "a young librarian",
    "a ship's cook", "a postal clerk", "a student of law", "a roof tiler", "a choir singer", "a dairy farmer",
    "a train guard", "a museum guide", "a weather reporter", "a joiner's apprentice", "a dentist", "a lorry mechanic",
    "a translator", "a swimming coach", "a florist", "a judge of cakes", "a lighthouse keeper", "a puppet maker",
    "a crane operator", "a history teacher", "a clock repairer", "a mountain guide", "a tailor", "a ferry captain",
    "a radio presenter",
)  # fmt: skip

PLACES = (
    "in a small flat", "on a houseboat", "above a noisy bakery", "near the old harbour", "at the edge of a forest",
    "in a caravan", "on the ninth floor", "behind the railway station", "in a windy valley", "beside a canal",
    "on a tiny island", "in a converted barn", "opposite the fire station", "under a slate roof", "at the end of a row",
    "in a shared house", "close to the airport", "by a frozen lake", "in a basement room", "between two vineyards",
    "on a steep hill", "in a tower of brick", "next to a sawmill", "in the middle of town", "along the coast road",
    "in a mountain hut", "over a bookshop", "beyond the last bus stop", "in a terraced house", "across from the park",
    "inside the city wall",
)  # fmt: skip

# The first ten ask for numbered lines.
FORMS = (
    "number the steps", "give me a short list", "write one line per step", "list what to do in order",
    "break it into points", "make it a checklist", "put every step on its own line", "count the steps for me",
    "set it out as a recipe", "let me tick off each step", "keep it short", "explain it slowly",
    "write as you would to a neighbour", "use plain words", "avoid technical terms", "tell me why it works",
    "be honest about the risks", "say what to buy", "say what can go wrong", "start with the hardest part",
    "write it like a postcard", "give one example", "assume I know nothing", "do not joke about it",
    "mention how long it takes", "keep it under a hundred words", "be kind to a beginner", "warn me about mistakes",
    "say when to stop", "leave out the theory", "use full sentences",
)  # fmt: skip
