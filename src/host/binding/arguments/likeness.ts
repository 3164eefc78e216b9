import { stem } from '../../discovery/text/stem.js';
import { thesaurus } from '../../discovery/text/synonyms.js';
import { tokens } from '../../discovery/text/tokens.js';

/** Words of parameter names that stand for one another; from common APIs, not from any catalogue. */
const alike = thesaurus(`
city location place town
location place address where
location region
country nation
zip postcode postal zipcode
latitude lat
longitude lon lng long
email mail address recipient to
recipient to receiver
sender from
cc copy
subject title
title name summary headline heading
summary title
name title label
text message body content comment note description
text content
message content
comment body text
description body details text
file path filename filepath
filename file name
path filepath file
folder directory dir path
directory path
source from src origin
destination to target dest
url uri link href website address webpage site page
domain host site
user username login account person member
assignee user member person account owner
owner user author
author user creator
limit count max maximum size number top n results
limit maxresults perpage pagesize
from start since after begin begins starttime startdate
to end until before endtime enddate
date day when time due
duration seconds minutes length
query search q term keyword keywords text topic phrase
question query prompt
topic subject query
id identifier key uuid
issue ticket bug story task
project repo repository
repository repo project
branch ref
commit sha hash revision
tag label
label tag category
channel room
thread conversation discussion
card task ticket
list column lane
board
database db
collection table
record document row item entry
records documents rows items entries
filter where condition criteria
sort order orderby
field column property attribute
value amount number
price amount cost total
currency unit
language lang locale
format type kind
status state
state status
priority severity importance
version release
environment env stage
service app application deployment
namespace
replicas copies instances count scale
command cmd script
code script source function expression
key name
password secret pass
token secret
emoji reaction
color colour
width w
height h
timezone tz
attendees participants guests invitees people
event meeting appointment
page document
parent container
data values points
element button field selector
target selector element
option choice value
values options choices
merge mr pull pr
pipeline build
job build
sprint iteration
version revision
chart helm
manifest yaml spec
first a x
second b y
`);

/** Words that say little about which parameter is meant. */
const generic = new Set(
  [
    'id',
    'ids',
    'key',
    'name',
    'value',
    'number',
    'no',
    'num',
    'iid',
    'string',
    'text',
    'or',
    'and',
    'the',
    'of',
    'in',
    'a',
    'is',
    'param',
    'params',
    'parameter',
    'input',
    'arg',
    'data',
    'my',
    'list',
    'new',
    'current',
    'slug',
    'code',
    'by',
  ].map(stem),
);
const genericWeight = 0.25;

/** A name taken apart, ready to be compared. */
export interface NameParts {
  /** As it was. */
  readonly whole: string;
  /** Letters and digits only, in lower case. */
  readonly plain: string;
  readonly terms: readonly string[];
}

/** Takes a name apart into stems. */
export function nameParts(name: string): NameParts {
  // The whole of `GitHub` beside its parts would count twice.
  const terms = [
    ...new Set(
      tokens(
        name.replace(/^\p{Lu}/u, (first) => first.toLowerCase()),
        200,
      ).map(stem),
    ),
  ];
  return { whole: name, plain: name.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, ''), terms };
}

/** How alike two names are, from 0 to 1: equal words, then synonyms; `id`, `name` and the like weigh little. */
export function likeness(a: NameParts, b: NameParts): number {
  if (a.plain === b.plain && a.plain !== '') return 1;
  if (a.terms.length === 0 || b.terms.length === 0) return 0;
  const left = new Set(b.terms);
  let shared = 0;
  for (const term of a.terms) {
    let best = 0;
    let with_: string | undefined;
    for (const other of left) {
      const similar = termLikeness(term, other);
      if (similar > best) {
        best = similar;
        with_ = other;
      }
    }
    if (with_ === undefined) continue;
    left.delete(with_);
    shared += best * (weightOf(term) + weightOf(with_));
  }
  const total = [...a.terms, ...b.terms].reduce((sum, term) => sum + weightOf(term), 0);
  return (shared / total) * 0.98;
}

function termLikeness(a: string, b: string): number {
  if (a === b) return 1;
  if (alike.get(a)?.includes(b) === true) return 0.8;
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  return short.length >= 3 && long.startsWith(short) ? 0.7 : 0;
}

function weightOf(term: string): number {
  return generic.has(term) ? genericWeight : 1;
}
