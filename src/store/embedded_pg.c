/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "store/pool.h"

/* A private Postgres for start-dev: a child that ends with this process, on a Unix socket in a folder that its user alone can
 * enter. */

#define ROLE "latchkey"
#define START_TRIES 3000 /* of 20 ms: a minute */
#define MAX_SOCKET_DIR 90

struct st_lk_embedded_pg_t {
    lk_arena_t *arena;
    const char *bin, *dir, *data, *socket, *log;
    uid_t uid;
    gid_t gid;
    int switch_user;
    int owner_fd; /* locked as long as this process is the folder's owner; -1: another one is, whose server this is */
    pid_t pid;    /* the postmaster */
    int is_child; /* 0: one that was left over and taken over, or another owner's */
    const char *conninfo;
};
typedef struct st_lk_embedded_pg_t server_t;

/* --- where and as whom --- */

static int has_programs(lk_arena_t *arena, const char *bin)
{
    return access(lk_printf(arena, "%s/initdb", bin), X_OK) == 0 && access(lk_printf(arena, "%s/postgres", bin), X_OK) == 0;
}

/* LATCHKEY_PG_BIN, else the distribution's newest, else PATH. */
static const char *find_programs(lk_arena_t *arena)
{
    const char *named = getenv("LATCHKEY_PG_BIN"), *best = NULL;
    glob_t found;
    if (named != NULL)
        return has_programs(arena, named) ? named : NULL;
    if (glob("/usr/lib/postgresql/*/bin", 0, NULL, &found) == 0) {
        for (size_t i = 0; i != found.gl_pathc; ++i)
            if (has_programs(arena, found.gl_pathv[i]) &&
                (best == NULL || strtol(found.gl_pathv[i] + 20, NULL, 10) > strtol(best + 20, NULL, 10)))
                best = lk_strdup(arena, found.gl_pathv[i]);
        globfree(&found);
    }
    for (const char *at = getenv("PATH"); best == NULL && at != NULL && *at != '\0'; at += strcspn(at, ":"), at += *at == ':') {
        const char *bin = lk_strndup(arena, at, strcspn(at, ":"));
        if (has_programs(arena, bin))
            best = bin;
    }
    return best;
}

static lk_status_t find_user(server_t *server, lk_error_t *err)
{
    if (geteuid() != 0)
        return LK_OK;
    struct passwd *user = getpwnam("postgres");
    if (user == NULL)
        user = getpwnam("nobody");
    if (user == NULL)
        return lk_fail(err, LK_INTERNAL, NULL, "Postgres does not run as root, and there is neither a user postgres nor nobody");
    server->uid = user->pw_uid;
    server->gid = user->pw_gid;
    server->switch_user = 1;
    return LK_OK;
}

static lk_status_t make_folder(const server_t *server, const char *path, mode_t mode, int own, lk_error_t *err)
{
    if (mkdir(path, mode) != 0 && errno != EEXIST)
        return lk_fail(err, LK_INTERNAL, NULL, "Cannot make the folder %s: %s", path, strerror(errno));
    if (chmod(path, mode) != 0 || (own && server->switch_user && chown(path, server->uid, server->gid) != 0))
        return lk_fail(err, LK_INTERNAL, NULL, "Cannot set the rights of %s: %s", path, strerror(errno));
    return LK_OK;
}

static lk_status_t make_folders(server_t *server, const char *data_dir, lk_error_t *err)
{
    char real[PATH_MAX];
    struct stat st;
    if (stat(data_dir, &st) != 0 && mkdir(data_dir, 0711) == 0)
        chmod(data_dir, 0711); /* Postgres's user must get through */
    if (realpath(data_dir, real) == NULL)
        return lk_fail(err, LK_INTERNAL, NULL, "The data folder %s cannot be used: %s", data_dir, strerror(errno));
    server->dir = lk_printf(server->arena, "%s/postgres", real);
    server->data = lk_printf(server->arena, "%s/db", server->dir);
    server->log = lk_printf(server->arena, "%s/server.log", server->dir);
    server->socket = lk_printf(server->arena, "%s/socket", server->dir);
    lk_status_t status = make_folder(server, server->dir, 0700, 1, err);
    if (status == LK_OK && strlen(server->socket) > MAX_SOCKET_DIR) { /* a socket's path has 107 bytes at most */
        unsigned hash = 5381;
        for (const char *c = server->dir; *c != '\0'; ++c)
            hash = hash * 33 + (unsigned char)*c;
        server->socket = lk_printf(server->arena, "/tmp/latchkey-%08x", hash);
    }
    return status == LK_OK ? make_folder(server, server->socket, 0700, 1, err) : status;
}

/* --- processes --- */

/* Never returns. What it says goes to the log file. */
static void run_child(const server_t *server, const char *const *argv)
{
    sigset_t none;
    int in = open("/dev/null", O_RDONLY);
    if (server->switch_user && (setgroups(0, NULL) != 0 || setgid(server->gid) != 0 || setuid(server->uid) != 0))
        _exit(126);
    umask(077);
    int out = open(server->log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (in < 0 || out < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0 || chdir(server->dir) != 0)
        _exit(126);
    for (int fd = 3; fd != 256; ++fd)
        close(fd);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setsid();                            /* a Ctrl-C at the terminal is Latchkey's to pass on */
    prctl(PR_SET_PDEATHSIG, SIGINT);     /* fast shutdown, should Latchkey be killed */
    execv(argv[0], (char *const *)argv); /* which does not write them */
    _exit(127);
}

static lk_status_t spawn(const server_t *server, const char *const *argv, pid_t *ret_pid, lk_error_t *err)
{
    pid_t pid = fork();
    if (pid < 0)
        return lk_fail(err, LK_INTERNAL, NULL, "Cannot start %s: %s", argv[0], strerror(errno));
    if (pid == 0)
        run_child(server, argv);
    *ret_pid = pid;
    return LK_OK;
}

static lk_status_t init_database(const server_t *server, lk_error_t *err)
{
    const char *initdb = lk_printf(server->arena, "%s/initdb", server->bin);
    const char *const argv[] = {initdb, "-D",    server->data,        "-U", ROLE, "-E", "UTF8", "--locale=C.UTF-8",
                                "-A",   "trust", "--no-instructions", NULL};
    pid_t pid = 0;
    int outcome;
    lk_status_t status = spawn(server, argv, &pid, err);
    if (status != LK_OK)
        return status;
    while (waitpid(pid, &outcome, 0) < 0 && errno == EINTR)
        ;
    if (!WIFEXITED(outcome) || WEXITSTATUS(outcome) != 0)
        return lk_fail(
            err, LK_INTERNAL, NULL,
            "initdb failed; see %s. The folder must be reachable for the user that Postgres runs as: choose another --data-dir",
            server->log);
    return LK_OK;
}

/* The lock ends with the process, however that ends. */
static lk_status_t become_owner(server_t *server, lk_error_t *err)
{
    const char *path = lk_printf(server->arena, "%s/owner.lock", server->dir);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return lk_fail(err, LK_INTERNAL, NULL, "Cannot open %s: %s", path, strerror(errno));
    if (flock(fd, LOCK_EX | LOCK_NB) == 0)
        server->owner_fd = fd;
    else
        close(fd);
    return LK_OK;
}

/* The process of postmaster.pid, where it lives; else 0. */
static pid_t running_postmaster(const server_t *server)
{
    FILE *file = fopen(lk_printf(server->arena, "%s/postmaster.pid", server->data), "re");
    char line[32] = "";
    if (file == NULL)
        return 0;
    if (fgets(line, sizeof(line), file) == NULL)
        line[0] = '\0';
    fclose(file);
    pid_t pid = (pid_t)strtol(line, NULL, 10);
    return pid > 1 && kill(pid, 0) == 0 ? pid : 0;
}

static void pause_briefly(void)
{
    nanosleep(&(struct timespec){0, 20000000}, NULL);
}

/* A server whose Latchkey was killed is on its way out; one that stays is taken over. */
static void await_leftover(server_t *server)
{
    for (int i = 0; i != 250 && (server->pid = running_postmaster(server)) != 0; ++i)
        pause_briefly();
}

static lk_status_t start_server(server_t *server, lk_error_t *err)
{
    const char *postgres = lk_printf(server->arena, "%s/postgres", server->bin);
    const char *const argv[] = {postgres,
                                "-D",
                                server->data,
                                "-k",
                                server->socket,
                                "-c",
                                "listen_addresses=",
                                "-c",
                                "max_connections=50",
                                "-c",
                                "shared_buffers=16MB",
                                "-c",
                                "log_min_messages=warning",
                                "-c",
                                "unix_socket_permissions=0700",
                                NULL};
    await_leftover(server);
    if (server->pid != 0)
        return LK_OK;
    server->is_child = 1;
    return spawn(server, argv, &server->pid, err);
}

static lk_status_t await_ready(server_t *server, lk_error_t *err)
{
    for (int i = 0; i != START_TRIES; ++i) {
        if (PQping(server->conninfo) == PQPING_OK)
            return LK_OK;
        if (server->is_child && waitpid(server->pid, NULL, WNOHANG) == server->pid) {
            server->pid = 0;
            return lk_fail(err, LK_INTERNAL, NULL, "The embedded Postgres ended at once; see %s", server->log);
        }
        pause_briefly();
    }
    return lk_fail(err, LK_UNAVAILABLE, NULL, "The embedded Postgres does not answer; see %s", server->log);
}

static lk_status_t start_as_owner(server_t *server, lk_notice_t notice, lk_error_t *err)
{
    lk_status_t status = LK_OK;
    if (access(lk_printf(server->arena, "%s/PG_VERSION", server->data), F_OK) != 0) {
        if (notice != NULL)
            notice(LK_LOG_INFO, "latchkey.store", lk_printf(server->arena, "Making a private Postgres in %s", server->data));
        status = init_database(server, err);
    }
    return status == LK_OK ? start_server(server, err) : status;
}

lk_status_t lk_embedded_pg_start(const char *data_dir, lk_notice_t notice, lk_embedded_pg_t **ret_pg, const char **ret_conninfo,
                                 lk_error_t *err)
{
    lk_arena_t *arena = lk_arena_create("embedded postgres");
    server_t *server = LK_NEW(arena, server_t);
    server->arena = arena;
    server->owner_fd = -1;
    lk_status_t status = LK_OK;
    if ((server->bin = find_programs(arena)) == NULL)
        status = lk_fail(err, LK_INTERNAL, NULL,
                         "No Postgres programs were found: install the package postgresql, set LATCHKEY_PG_BIN, or give --db-url");
    if (status == LK_OK)
        status = find_user(server, err);
    if (status == LK_OK)
        status = make_folders(server, data_dir, err);
    if (status == LK_OK)
        status = become_owner(server, err);
    if (status == LK_OK && server->owner_fd >= 0)
        status = start_as_owner(server, notice, err);
    else if (status == LK_OK && notice != NULL)
        notice(LK_LOG_INFO, "latchkey.store", "Using the private Postgres of the Latchkey that runs in this data folder");
    server->conninfo = lk_printf(arena, "host='%s' dbname=postgres user=" ROLE, server->socket);
    if (status == LK_OK)
        status = await_ready(server, err);
    if (status != LK_OK) {
        lk_embedded_pg_stop(&server);
        return status;
    }
    *ret_pg = server;
    *ret_conninfo = server->conninfo;
    return LK_OK;
}

void lk_embedded_pg_stop(lk_embedded_pg_t **pg)
{
    server_t *server = *pg;
    *pg = NULL;
    if (server == NULL)
        return;
    if (server->pid > 1) {
        kill(server->pid, SIGINT);
        if (server->is_child)
            while (waitpid(server->pid, NULL, 0) < 0 && errno == EINTR)
                ;
    }
    if (server->owner_fd >= 0)
        close(server->owner_fd);
    lk_arena_t *arena = server->arena;
    lk_arena_destroy(&arena);
}
