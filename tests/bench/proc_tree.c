#include "bench/proc_tree.h"

#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PROCESSES_MAX 4096
#define END_MS        3000

struct process {
	pid_t pid, parent, session;
	double cpu_s;
	bool ours;
};

struct table {
	struct process processes[PROCESSES_MAX];
	size_t count;
};

/*
 * User and system by the process's own clock, in nanoseconds: /proc/PID/stat counts in steps of
 * 10 ms, of which a minute of ours has twelve. 0 for a process that is gone.
 */
static double own_cpu_s(pid_t pid)
{
	struct timespec spent;
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &spent) != 0)
		return 0;
	return (double)spent.tv_sec + (double)spent.tv_nsec / 1e9;
}

/* proc(5): the name, in parentheses, may hold anything, so fields count from its end. */
static bool read_process(pid_t pid, struct process *out)
{
	long user_children, system_children;
	char path[64], line[1024];
	char *after;
	size_t len;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "r");
	if (!file)
		return false;
	len = fread(line, 1, sizeof(line) - 1, file);
	fclose(file);
	line[len] = '\0';
	after = strrchr(line, ')');
	if (!after ||
	    sscanf(after + 1,
		   " %*c %d %*d %d %*d %*d %*u %*u %*u %*u %*u %*u %*u %ld %ld",
		   &out->parent, &out->session, &user_children, &system_children) != 4)
		return false;
	out->pid = pid;
	out->cpu_s = own_cpu_s(pid) + (double)(user_children + system_children) /
					      (double)sysconf(_SC_CLK_TCK);
	return true;
}

static pid_t number_of(const char *name)
{
	char *end;
	long number = strtol(name, &end, 10);

	return *end == '\0' && number > 0 ? (pid_t)number : 0;
}

static bool is_ours(const struct table *table, pid_t parent)
{
	for (size_t i = 0; i < table->count; i++)
		if (table->processes[i].ours && table->processes[i].pid == parent)
			return true;
	return false;
}

/* All processes, those of the tree marked. */
static void read_table(struct table *table, pid_t leader)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	bool grown = true;

	table->count = 0;
	while (proc && table->count < PROCESSES_MAX && (entry = readdir(proc)) != NULL) {
		struct process *process = &table->processes[table->count];
		pid_t pid = number_of(entry->d_name);

		if (pid == 0 || !read_process(pid, process))
			continue;
		process->ours = process->session == leader || pid == leader;
		table->count++;
	}
	if (proc)
		closedir(proc);
	while (grown) {
		grown = false;
		for (size_t i = 0; i < table->count; i++) {
			struct process *process = &table->processes[i];

			if (process->ours || !is_ours(table, process->parent))
				continue;
			process->ours = true;
			grown = true;
		}
	}
}

/* The number behind @key in a file of proc; 0 when the process is gone. */
static int64_t read_number(const char *path, const char *key)
{
	char line[256];
	long long value = 0;
	FILE *file = fopen(path, "r");

	if (!file)
		return 0;
	while (fgets(line, sizeof(line), file))
		if (strncmp(line, key, strlen(key)) == 0) {
			value = strtoll(line + strlen(key), NULL, 10);
			break;
		}
	fclose(file);
	return value;
}

static void add_threads(pid_t pid, struct proc_use *use)
{
	char folder[64], path[PROCESSES_MAX / 8];
	struct dirent *entry;
	DIR *tasks;

	snprintf(folder, sizeof(folder), "/proc/%d/task", (int)pid);
	tasks = opendir(folder);
	while (tasks && (entry = readdir(tasks)) != NULL) {
		pid_t thread = number_of(entry->d_name);

		if (thread == 0)
			continue;
		snprintf(path, sizeof(path), "%s/%d/status", folder, (int)thread);
		use->switches += read_number(path, "voluntary_ctxt_switches:");
		use->threads++;
	}
	if (tasks)
		closedir(tasks);
}

struct proc_use proc_tree_use(pid_t leader)
{
	static struct table table;
	struct proc_use use = {0};

	read_table(&table, leader);
	for (size_t i = 0; i < table.count; i++) {
		if (!table.processes[i].ours)
			continue;
		use.cpu_s += table.processes[i].cpu_s;
		use.processes++;
		add_threads(table.processes[i].pid, &use);
	}
	return use;
}

int64_t proc_tree_pss(pid_t leader)
{
	static struct table table;
	char path[64];
	int64_t pss_kb = 0;

	read_table(&table, leader);
	for (size_t i = 0; i < table.count; i++) {
		if (!table.processes[i].ours)
			continue;
		snprintf(path, sizeof(path), "/proc/%d/smaps_rollup",
			 (int)table.processes[i].pid);
		pss_kb += read_number(path, "Pss:");
	}
	return pss_kb;
}

int64_t proc_anonymous(pid_t pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)pid);
	return read_number(path, "Pss_Anon:");
}

double proc_cpu_s(pid_t pid)
{
	struct process process = {0};

	return read_process(pid, &process) ? process.cpu_s : 0;
}

static size_t signal_all(pid_t leader, int signal)
{
	static struct table table;
	size_t count = 0;

	read_table(&table, leader);
	for (size_t i = 0; i < table.count; i++)
		if (table.processes[i].ours && kill(table.processes[i].pid, signal) == 0)
			count++;
	return count;
}

void proc_tree_end(pid_t leader)
{
	const int step_ms = 20;

	kill(leader, SIGTERM);
	for (int waited = 0; waited < END_MS; waited += step_ms) {
		if (waitpid(leader, NULL, WNOHANG) != 0)
			break;
		poll(NULL, 0, step_ms);
	}
	/* Helpers of a leader that is gone are found by their session. */
	while (signal_all(leader, SIGKILL) > 0) {
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		poll(NULL, 0, step_ms);
	}
}
