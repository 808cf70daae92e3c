// Runs a fuzz target over the files of its corpus, without libFuzzer: `fuzz_x <file or
// folder>...`. A missing folder counts as empty. The empty input is always tried.
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static int run_file(const char *path) {
    FILE *f = fopen(path, "rb");
    if (!f) {
        perror(path);
        return 1;
    }
    static uint8_t data[1 << 20];
    size_t len = fread(data, 1, sizeof data, f);
    fclose(f);
    // An exact heap copy lets ASan see a read past the end.
    uint8_t *copy = malloc(len ? len : 1);
    if (!copy) {
        return 1;
    }
    for (size_t i = 0; i < len; i++) {
        copy[i] = data[i];
    }
    LLVMFuzzerTestOneInput(copy, len);
    free(copy);
    return 0;
}

static int run_folder(const char *path, int *count) {
    DIR *folder = opendir(path);
    if (!folder) {
        return 0;
    }
    int failed = 0;
    for (struct dirent *e = readdir(folder); e; e = readdir(folder)) {
        char file[4096];
        if (e->d_name[0] == '.') {
            continue;
        }
        snprintf(file, sizeof file, "%s/%s", path, e->d_name);
        failed |= run_file(file);
        ++*count;
    }
    closedir(folder);
    return failed;
}

int main(int argc, char **argv) {
    int failed = 0;
    int count = 1;
    uint8_t none = 0;
    LLVMFuzzerTestOneInput(&none, 0);
    for (int i = 1; i < argc; i++) {
        struct stat st;
        if (stat(argv[i], &st) == 0 && S_ISREG(st.st_mode)) {
            failed |= run_file(argv[i]);
            ++count;
        } else {
            failed |= run_folder(argv[i], &count);
        }
    }
    printf("%d inputs\n", count);
    return failed;
}
