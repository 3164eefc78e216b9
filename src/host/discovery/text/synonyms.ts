import { stem } from './stem.js';

/**
 * What users say and what tools are called: groups of words that stand for one another when people ask for software
 * to do something. Written from general English and tool vocabulary, not from any catalogue. A word may be in several
 * groups.
 */
const groups = `
delete remove erase drop destroy purge
delete wipe discard trash unlink
clear empty reset wipe flush
create make add new generate
create set establish initialize init
add append insert attach include put
update edit modify change alter
update revise amend adjust patch
update refresh upgrade
rename retitle
get fetch retrieve obtain
get read show view display
get see look check
list show enumerate browse
list all
search find lookup query locate
search seek discover hunt
send post deliver dispatch
send email mail
email mail message inbox
message text chat
post publish share announce
reply respond answer
run execute launch start invoke trigger
start begin open launch
stop end terminate halt kill quit
stop cancel abort
close shut end
pause suspend hold
resume continue unpause
restart reboot rerun retry
retry again repeat redo
copy duplicate clone replicate
move transfer relocate shift
upload attach import
download save export
save store write persist
write put store
import load ingest
export dump
convert transform translate turn
calculate compute evaluate
calculate sum add total
count number total amount
compare diff difference
merge combine join unite
split divide separate
sort order rank arrange
filter restrict narrow
subscribe follow watch
unsubscribe unfollow unwatch
assign allocate delegate
approve accept confirm
reject decline deny refuse
invite add
register enroll signup
login signin authenticate auth
logout signout
schedule plan book
book reserve reservation
order purchase buy
pay payment purchase checkout
validate verify check test
test verify assert
analyze examine inspect study
inspect examine describe
describe explain detail
explain clarify document
summarize summary digest condense
summary overview abstract
monitor watch track observe
track trace follow
lock protect secure
unlock unprotect
enable activate
disable deactivate
install setup deploy
uninstall remove
deploy release ship rollout
rollback revert undo
revert undo restore
restore recover
archive store
draw plot chart graph
chart graph plot diagram visualization
visualize plot chart draw
picture image photo
photo picture image
image screenshot
screenshot capture snapshot
video movie film clip
music song track audio
folder directory
file document
document doc
docs documentation
doc documentation manual reference
path location
repository repo
project repo repository
config configuration settings
settings preferences options
environment env
variable var
database db
table collection
record row document entry
field column property attribute
index indexes
schema structure shape
statistics stats metrics
metrics measurements
log logs history
history log changelog
event meeting appointment
meeting appointment call
calendar schedule agenda
task todo issue
ticket issue bug
bug issue defect error
error failure problem fault
failure fail crash
problem issue
comment note remark
note memo
member user person
user account person
person people contact
team group
group organization
organization company org
company business firm
label tag
reaction emoji
channel room
conversation discussion thread chat
thread discussion
board kanban
card ticket
page website site
website site web page
webpage page
url link address
link connection relation
internet web online
browser web
click press tap
type enter input
button element
form input
scroll wheel
tab window
cursor mouse
address location place
location place position
place location spot
nearby near local around
weather forecast temperature
hotel accommodation lodging
flight airline plane
car vehicle
taxi ride cab
price cost fee
cost price expense
cheap price
money currency cash
stock share equity
stock inventory
product item good
movie film
restaurant food eatery
drink beverage
time clock hour
date day
today current now
current now active present
latest recent newest last
recent latest
size large big space
memory ram
pod container
container docker
cluster kubernetes
kubernetes k8s
server host machine
node machine host
service app
application app
build compile
pipeline ci build
job build task
branch ref
commit revision
revision version
version release
release version tag
permission access role
access permission
password credential secret
credential secret token
token key
identity whoami self
id identifier
information info details
info information
details info
detail information
parameters arguments params
tree hierarchy structure
relation relationship link
entity object
fact observation
knowledge memory
remember memory store
forget delete
paper article publication
article paper story
news headlines
author writer
translate translation language
zip compress gzip
compress zip
encrypt cipher
random arbitrary
echo repeat
free available
available free busy
busy availability
deadline due
due deadline
sprint iteration
milestone goal
priority urgency importance
urgent priority
worklog time hours
hours time worklog
vote upvote
watcher follower subscriber
subscriber follower
attachment file
dashboard overview
report summary
advice recommendation suggestion
suggest recommend
recommend suggestion
feedback rating review
review rating
flaky unstable intermittent
unstable flaky
slow performance
fast performance
speed performance
performance speed
health status
status state
state status
alive ping
ping reachable
reachable ping
`;

/** Two words that together mean one that tools use. */
const phrases: readonly (readonly [string, string])[] = [
  ['pull request', 'merge'],
  ['merge request', 'pull'],
  ['look up', 'search'],
  ['looking up', 'search'],
  ['set up', 'create'],
  ['get rid', 'delete'],
  ['throw away', 'delete'],
  ['take back', 'revert'],
  ['roll back', 'rollback'],
  ['sign in', 'login'],
  ['log in', 'login'],
  ['sign off', 'approve'],
  ['log out', 'logout'],
  ['go back', 'back'],
  ['go to', 'navigate'],
  ['write down', 'note'],
  ['turn off', 'disable'],
  ['turn on', 'enable'],
  ['switch off', 'disable'],
  ['switch on', 'enable'],
  ['shut down', 'stop'],
  ['fill in', 'fill'],
  ['fill out', 'fill'],
  ['check out', 'checkout'],
  ['who am', 'whoami'],
  ['put back', 'restore'],
  ['bring back', 'restore'],
  ['how many', 'count'],
  ['how big', 'size'],
  ['how large', 'size'],
  ['how much', 'count'],
  ['what time', 'time'],
  ['to do', 'todo'],
  ['hand over', 'assign'],
  ['end point', 'endpoint'],
  ['time off', 'leave'],
  ['plug in', 'plugin'],
];

/** From a stem to the stems that may stand for it. */
export type Thesaurus = ReadonlyMap<string, readonly string[]>;

/** Builds a {@link Thesaurus} from lines of words; in each line every word may stand for every other. */
export function thesaurus(lines: string): Thesaurus {
  const found = new Map<string, Set<string>>();
  for (const line of lines.split('\n')) {
    const stems = [...new Set(line.split(/\s+/).filter(Boolean).map(stem))];
    for (const one of stems) {
      const others = found.get(one) ?? new Set();
      for (const other of stems) if (other !== one) others.add(other);
      found.set(one, others);
    }
  }
  return new Map([...found].map(([one, others]) => [one, [...others]]));
}

/** The built-in thesaurus. */
export const toolThesaurus: Thesaurus = thesaurus(groups);

/** From two words in a row (lower case, not stemmed) to the stem that they mean. */
export const phraseMeanings: ReadonlyMap<string, string> = new Map(
  phrases.map(([phrase, meaning]) => [phrase, stem(meaning)]),
);
