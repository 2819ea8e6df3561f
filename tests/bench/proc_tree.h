#ifndef BENCH_PROC_TREE_H
#define BENCH_PROC_TREE_H

#include <stdint.h>
#include <sys/types.h>

/* What the processes of one session, and all their descendants, have used so far. */
struct proc_use {
	double cpu_s;     /* user and system, with children that have ended */
	int64_t pss_kb;   /* proportional set size, where it was asked for */
	int64_t switches; /* voluntary context switches of all threads: wake-ups */
	int processes, threads;
};

/*
 * Adds up the tree of @leader, which began a session of its own: browsers leave helpers
 * behind that init adopts, but they stay in the session.
 */
struct proc_use proc_tree_use(pid_t leader);

/* The proportional set size of the tree, kB. Costs far more than the rest. */
int64_t proc_tree_pss(pid_t leader);

/*
 * The part of a process's PSS that is its own: the rest, of shared libraries, depends on
 * who else runs.
 */
int64_t proc_anonymous(pid_t pid);

/* CPU seconds of one process alone, such as the X server. */
double proc_cpu_s(pid_t pid);

/* Ends the tree: asks first, then kills what is left. */
void proc_tree_end(pid_t leader);

#endif /* BENCH_PROC_TREE_H */
