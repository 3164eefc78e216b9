#include "near-free.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define READ_BYTES 16384
/* While a call is under way, at most this much of what follows is taken in. */
#define MAX_AHEAD (1024 * 1024)

static int poll_fd, timer_fd;
static volatile sig_atomic_t stopped;

uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void fail(const char *what) {
  fprintf(stderr, "near-free: %s: %s\n", what, strerror(errno));
  exit(1);
}

static void stop(int signal) {
  (void)signal;
  stopped = 1;
}

static void end(void) {
  if (options.stats_file != NULL) {
    Buffer text = {0};
    stats_write(&text);
    FILE *file = fopen(options.stats_file, "w");
    if (file == NULL || fwrite(text.bytes, 1, text.end, file) != text.end || fclose(file) != 0)
      fail(options.stats_file);
  }
  exit(0);
}

static void watch(Connection *c) {
  uint32_t events = 0;
  bool full = c->busy && c->in.end - c->in.start > MAX_AHEAD;
  if (!full && !c->read_ended) events |= EPOLLIN;
  bool pending = c->out.end > c->out.start;
  if (pending && !c->stdio) events |= EPOLLOUT;
  if (events == c->events) return;
  c->events = events;
  struct epoll_event event = {.events = events, .data.ptr = c};
  epoll_ctl(poll_fd, EPOLL_CTL_MOD, c->fd, &event);
}

static Connection *add(int fd, int out_fd, bool stdio) {
  Connection *c = calloc(1, sizeof *c);
  if (c == NULL) fail("memory");
  c->fd = fd;
  c->out_fd = out_fd;
  c->stdio = stdio;
  c->events = EPOLLIN;
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
  if (epoll_ctl(poll_fd, EPOLL_CTL_ADD, fd, &event) != 0) fail("stdin cannot be watched; use a pipe or a socket");
  counts.connections_total++;
  if (++counts.connections_open > counts.connections_max) counts.connections_max = counts.connections_open;
  return c;
}

void connection_release(Connection *c) {
  if (!c->gone) {
    c->gone = true;
    counts.connections_open--;
    if (c->stdio) end();
    close(c->fd);
  }
  if (c->calls > 0) return;
  buffer_free(&c->in);
  buffer_free(&c->out);
  free(c);
}

/* Stdout is written to with patience: the one client of stdio reads or ends. */
static void wait_writable(int fd) {
  fd_set set;
  FD_ZERO(&set);
  FD_SET(fd, &set);
  select(fd + 1, NULL, &set, NULL, NULL);
}

void connection_flush(Connection *c) {
  while (c->out.end > c->out.start) {
    ssize_t n = write(c->out_fd, c->out.bytes + c->out.start, c->out.end - c->out.start);
    if (n >= 0) {
      c->out.start += (size_t)n;
    } else if (errno == EAGAIN && c->stdio) {
      wait_writable(c->out_fd);
    } else if (errno == EAGAIN) {
      watch(c);
      return;
    } else if (errno != EINTR) {
      connection_release(c);
      return;
    }
  }
  c->out.start = c->out.end = 0;
  if (c->closing || (c->read_ended && c->calls == 0)) connection_release(c);
  else watch(c);
}

void connection_resume(Connection *c) {
  bool keep = c->stdio ? stdio_consume(c) : http_consume(c);
  if (!keep) c->closing = true;
  connection_flush(c);
}

static void readable(Connection *c) {
  buffer_reserve(&c->in, READ_BYTES);
  ssize_t n = read(c->fd, c->in.bytes + c->in.end, c->in.capacity - c->in.end);
  if (n > 0) {
    c->in.end += (size_t)n;
    connection_resume(c);
  } else if (n == 0 && c->stdio) {
    c->read_ended = true;
    connection_flush(c);
  } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
    connection_release(c);
  }
}

static void accept_all(int listener) {
  for (;;) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    add(fd, fd, false);
  }
}

static int listen_http(void) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)options.port)};
  socklen_t length = sizeof address;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (inet_pton(AF_INET, options.host, &address.sin_addr) != 1) {
    fprintf(stderr, "near-free: Expected --host to be an IPv4 address, got '%s'\n", options.host);
    exit(104);
  }
  if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, 4096) != 0) fail("cannot listen");
  getsockname(fd, (struct sockaddr *)&address, &length);
  int port = ntohs(address.sin_port);
  printf("{\"url\":\"http://%s:%d/mcp\",\"port\":%d,\"pid\":%d}\n", options.host, port, port, (int)getpid());
  fflush(stdout);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
  epoll_ctl(poll_fd, EPOLL_CTL_ADD, fd, &event);
  return fd;
}

static void arm(uint64_t at) {
  static uint64_t armed = UINT64_MAX;
  if (at == armed) return;
  armed = at;
  struct itimerspec when = {0};
  if (at != UINT64_MAX) {
    when.it_value.tv_sec = (time_t)(at / 1000000000u);
    when.it_value.tv_nsec = (long)(at % 1000000000u);
  }
  timerfd_settime(timer_fd, TFD_TIMER_ABSTIME, &when, NULL);
}

/* Stands still when it is time to; returns the next time. */
static uint64_t stall(uint64_t next) {
  if (now_ns() < next) return next;
  uint64_t until = next + options.stall_for_ns;
  struct timespec t = {.tv_sec = (time_t)(until / 1000000000u), .tv_nsec = (long)(until % 1000000000u)};
  while (!stopped && clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR) continue;
  counts.stalls++;
  return next + options.stall_every_ns;
}

/* Reads and drops; ends with the other side. */
static void watch_stdin(void) {
  char dropped[4096];
  ssize_t n;
  while ((n = read(0, dropped, sizeof dropped)) > 0) continue;
  if (n == 0 || errno != EAGAIN) end();
}

static void serve(int listener) {
  static char timer_mark, stdin_mark;
  struct epoll_event events[256];
  struct epoll_event timer_event = {.events = EPOLLIN | EPOLLET, .data.ptr = &timer_mark};
  epoll_ctl(poll_fd, EPOLL_CTL_ADD, timer_fd, &timer_event);
  if (options.exit_with_stdin && !options.stdio) {
    struct epoll_event stdin_event = {.events = EPOLLIN, .data.ptr = &stdin_mark};
    fcntl(0, F_SETFL, fcntl(0, F_GETFL) | O_NONBLOCK);
    if (epoll_ctl(poll_fd, EPOLL_CTL_ADD, 0, &stdin_event) != 0) fail("--exit-with-stdin: stdin cannot be watched");
  }
  uint64_t next_stall = options.stall_every_ns == 0 ? UINT64_MAX : now_ns() + options.stall_every_ns;
  while (!stopped) {
    uint64_t next = calls_next();
    arm(next < next_stall ? next : next_stall);
    int n = epoll_wait(poll_fd, events, 256, -1);
    if (next_stall != UINT64_MAX) next_stall = stall(next_stall);
    for (int i = 0; i < n; i++) {
      Connection *c = events[i].data.ptr;
      if (c == NULL) accept_all(listener);
      else if ((void *)c == &timer_mark) continue;
      else if ((void *)c == &stdin_mark) watch_stdin();
      else if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) readable(c);
      else connection_flush(c);
    }
    if (calls_next() != UINT64_MAX) calls_run(now_ns());
  }
  end();
}

int main(int count, char **words) {
  parse_options(count, words);
  struct sigaction action = {.sa_handler = stop};
  sigaction(SIGTERM, &action, NULL);
  sigaction(SIGINT, &action, NULL);
  signal(SIGPIPE, SIG_IGN);
  if (options.with_parent) prctl(PR_SET_PDEATHSIG, SIGTERM);
  struct rlimit files;
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
  }
  prepare_answers();
  poll_fd = epoll_create1(EPOLL_CLOEXEC);
  timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  int listener = -1;
  if (options.stdio) {
    fcntl(0, F_SETFL, fcntl(0, F_GETFL) | O_NONBLOCK);
    fcntl(1, F_SETFL, fcntl(1, F_GETFL) | O_NONBLOCK);
    add(0, 1, true);
  } else {
    listener = listen_http();
  }
  serve(listener);
}
