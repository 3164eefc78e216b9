#!/bin/sh
# A stand-in for docker: `run --cidfile F` starts a "container" that is no child of it and has none of its environment,
# `inspect` tells the pid, `kill` kills. As with docker, killing `run` leaves the container running. FAKE_DOCKER_STATE is
# a folder; FAKE_DOCKER_CGROUP, where set, a control group (version 1, cpuacct) to make the container's group in.
state=${FAKE_DOCKER_STATE:?}
while [ "${1#-}" != "$1" ]; do shift; done
case $1 in
  run)
    shift
    while [ "${1#-}" != "$1" ]; do
      if [ "$1" = --cidfile ]; then idfile=$2; shift; fi
      shift
    done
    id=abcdef0123456789$$
    # The container's first process, in a session of its own and without our environment.
    setsid env -i sh -c 'trap "" TERM; while :; do sleep 0.2; done' >/dev/null 2>&1 &
    echo $! >"$state/$id"
    if [ -n "$FAKE_DOCKER_CGROUP" ]; then
      mkdir "$FAKE_DOCKER_CGROUP/$id" && echo $! >"$FAKE_DOCKER_CGROUP/$id/cgroup.procs"
    fi
    printf %s "$id" >"$idfile"
    echo "started $id $!"
    cat
    if [ -n "$FAKE_DOCKER_IGNORES_END" ]; then exec sleep 600; fi
    kill -9 "$(cat "$state/$id")"
    rm "$state/$id"
    ;;
  inspect) for last; do :; done; cat "$state/$last" ;;
  kill)
    [ -f "$state/$2" ] || exit 1
    kill -9 "$(cat "$state/$2")" && rm "$state/$2"
    ;;
esac
