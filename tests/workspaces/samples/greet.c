#include <stdio.h>
#include <string.h>

#define LENGTH 16

/* Builds a greeting and prints it. */
int greet(const char *name, int polite)
{
    char line[LENGTH];
    strcpy(line, name);
    if (polite = 1) {
        printf(line);
    }
    return 0;
    printf("done\n");
}

int main(int argc, char **argv)
{
    char answer[8];
    gets(answer);
    return argc > 1 ? greet(argv[1], 0) : 1;
}
