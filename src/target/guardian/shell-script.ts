/**
 * The guardian as a shell script: 1 MB and no start-up time to speak of. It reads what is ours line by line from its
 * input; when that ends we have ended, and what is still listed is stopped: it sees its own input end (that was our
 * pipe), has a moment for it, then gets SIGTERM, and SIGKILL two seconds later; the listed groups as well as every
 * process with a listed mark in its environment, wherever it went. Containers are stopped through their runtime, since
 * they are no children of ours.
 *
 * `trap` and a session of its own keep it alive when the terminal sends us a signal. It writes nothing.
 */
export const guardianScript = `
trap '' INT TERM HUP QUIT PIPE
groups= marks= boxes=
without() { rest=; for one in $1; do [ "$one" = "$2" ] || rest="$rest $one"; done; }
while read -r word value; do
  case $word in
    mark) marks="$marks $value" ;;
    unmark) without "$marks" "$value"; marks=$rest ;;
    group) groups="$groups $value" ;;
    ungroup) without "$groups" "$value"; groups=$rest ;;
    box) boxes="$boxes $value" ;;
    unbox) without "$boxes" "$value"; boxes=$rest ;;
  esac
done
[ -n "$groups$marks$boxes" ] || exit 0
marked() {
  [ -n "$marks" ] && [ -d /proc/self ] || return 0
  set --
  for one in $marks; do set -- "$@" -e "$one"; done
  for file in $(grep -l -s -F "$@" /proc/[0-9]*/environ); do
    file=\${file#/proc/}
    echo "\${file%/environ}"
  done
}
each() {
  for one in $groups; do kill "-$1" "-$one"; done
  for one in $(marked); do kill "-$1" "$one"; done
}
left() {
  for one in $groups; do kill -0 "-$one" && return 0; done
  [ -n "$(marked)" ]
}
wait_for_end() {
  turns=$1
  while [ "$turns" -gt 0 ]; do
    left || return 0
    sleep 0.1 || sleep 1
    turns=$((turns - 1))
  done
  return 1
}
words() { IFS='|'; set -- $1; IFS=' '; file=$1; shift; runtime=$*; }
for one in $boxes; do
  words "$one"
  if [ -s "$file" ]; then $runtime kill "$(cat "$file")" & fi
done
{ wait_for_end 3 || { each TERM; wait_for_end 20; } || { each KILL; wait_for_end 5; } || each KILL; }
wait
for one in $boxes; do
  words "$one"
  case $file in */dyno-container-*/id) rm -f "$file"; rmdir "\${file%/*}" ;; esac
done
`;
