/* Runs a fuzz target once over each file of a folder. */
#include <dirent.h>
#include <string.h>

#include "fuzz/fuzz.h"

#define INPUT_MAX ((size_t)16 * 1024 * 1024)

static int replay(const char *folder, const char *name)
{
	char path[4096];
	uint8_t *all = malloc(INPUT_MAX);
	uint8_t *exact;
	FILE *file;
	size_t len;

	if (!all ||
	    snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path)) {
		free(all);
		return -1;
	}
	file = fopen(path, "rb");
	if (!file) {
		perror(path);
		free(all);
		return -1;
	}
	len = fread(all, 1, INPUT_MAX, file);
	fclose(file);
	/* A block of exactly this size, so that a sanitizer sees a read past its end. */
	exact = malloc(len ? len : 1);
	if (exact) {
		memcpy(exact, all, len);
		LLVMFuzzerTestOneInput(exact, len);
	}
	free(all);
	free(exact);
	return exact ? 0 : -1;
}

int main(int argc, char **argv)
{
	int count = 0;
	DIR *folder;

	if (argc != 2) {
		fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
		return 2;
	}
	folder = opendir(argv[1]);
	if (!folder) {
		perror(argv[1]);
		return 1;
	}
	for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
		if (entry->d_name[0] == '.')
			continue;
		if (replay(argv[1], entry->d_name) != 0) {
			closedir(folder);
			return 1;
		}
		count++;
	}
	closedir(folder);
	printf("%d inputs\n", count);
	return count > 0 ? 0 : 1;
}
