import { stem } from './stem.js';

/**
 * Words that say nothing about which tool is meant: English function words and the politeness around a request. They
 * are not indexed outside of names and titles, and count in a query only where it has no other word.
 */
export const stopWords: ReadonlySet<string> = new Set(
  `a about above after again all also am an and any are aren as at be because been before being below between both but
  by can cannot could couldn did didn do does doesn doing don during each either else etc every few for from further
  had has have having he her here hers him his how however i if in into is isn it its itself just let ll may me might
  mine more most much must my myself neither no nor not now of off on once only or other our ours out over own per
  please quite rather re really same shall she should shouldn so some somehow something such than thank thanks that
  the their theirs them then there these they thing things this those though through to too under until up us
  use used using very via want wanted was wasn we were weren what when where whether which while who whom whose why
  will with within without won would wouldn yes yet you your yours hey hi hello like need needs able help gonna
  wanna lets ok okay kindly ve m s d t`
    .split(/\s+/)
    .filter((word) => word !== ''),
);

/** Stems of words that say little: light verbs, particles, small numbers. They count, but less than telling words. */
export const vagueWords: ReadonlySet<string> = new Set(
  `go come take put bring give make keep let do get have turn set say tell know show see look find try care
  back down up out off away over around together along apart aside forward
  one two three four five six seven eight nine ten first second third next last new old other another
  good better best bad big small whole current right left side side way part bit lot
  want wish like look think feel time day moment today tomorrow yesterday`
    .split(/\s+/)
    .map(stem),
);
