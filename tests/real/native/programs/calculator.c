/* A small language: numbers, variables, functions of one argument, loops. Parsed by recursive descent into a tree
 * that is then evaluated. Given a file it runs that; given nothing it runs its own tests. */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum kind { NUMBER, NAME, BINARY, NEGATE, CALL, ASSIGN, BLOCK, WHILE, IF, DEFINE, PRINT };

struct node {
    enum kind kind;
    double number;
    char name[32];
    char symbol[3];
    struct node* child[3];
    struct node* next; /* in a block, and in the list of all nodes */
    struct node* all;
};

struct variable {
    char name[32];
    double value;
    struct variable* next;
};

struct function {
    char name[32];
    char parameter[32];
    struct node* body;
    struct function* next;
};

struct interpreter {
    const char* at;
    int line;
    struct node* nodes;
    struct variable* variables;
    struct function* functions;
    int depth;
    FILE* out;
    jmp_buf failed;
    char message[128];
};

static void fail(struct interpreter* in, const char* format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int used = snprintf(in->message, sizeof in->message, "line %d: ", in->line);
    vsnprintf(in->message + used, sizeof in->message - (size_t)used, format, arguments);
    va_end(arguments);
    longjmp(in->failed, 1);
}

static struct node* new_node(struct interpreter* in, enum kind kind)
{
    struct node* node = calloc(1, sizeof *node);
    if (!node) fail(in, "out of memory");
    node->kind = kind;
    node->all = in->nodes;
    in->nodes = node;
    return node;
}

static void skip_space(struct interpreter* in)
{
    for (;; in->at++) {
        if (*in->at == '#')
            while (*in->at && *in->at != '\n') in->at++;
        if (*in->at == '\n')
            in->line++;
        else if (!isspace((unsigned char)*in->at))
            return;
    }
}

static bool accept(struct interpreter* in, const char* token)
{
    skip_space(in);
    size_t length = strlen(token);
    if (strncmp(in->at, token, length) != 0) return false;
    if (isalpha((unsigned char)*token) && isalnum((unsigned char)in->at[length])) return false;
    in->at += length;
    return true;
}

static void expect(struct interpreter* in, const char* token)
{
    if (!accept(in, token)) fail(in, "expected '%s' before '%.8s'", token, *in->at ? in->at : "the end");
}

static bool read_name(struct interpreter* in, char name[32])
{
    skip_space(in);
    size_t length = 0;
    if (!isalpha((unsigned char)*in->at)) return false;
    while (isalnum((unsigned char)in->at[length]) || in->at[length] == '_') length++;
    if (length >= 32) fail(in, "the name is too long");
    memcpy(name, in->at, length);
    name[length] = '\0';
    in->at += length;
    return true;
}

static struct node* expression(struct interpreter* in, int level);

static struct node* primary(struct interpreter* in)
{
    if (accept(in, "(")) {
        struct node* inner = expression(in, 0);
        expect(in, ")");
        return inner;
    }
    if (accept(in, "-")) {
        struct node* node = new_node(in, NEGATE);
        node->child[0] = primary(in);
        return node;
    }
    skip_space(in);
    if (isdigit((unsigned char)*in->at) || *in->at == '.') {
        char* end;
        struct node* node = new_node(in, NUMBER);
        errno = 0;
        node->number = strtod(in->at, &end);
        if (errno == ERANGE) fail(in, "the number is out of range");
        in->at = end;
        return node;
    }
    struct node* node = new_node(in, NAME);
    if (!read_name(in, node->name)) fail(in, "expected a value before '%.8s'", *in->at ? in->at : "the end");
    if (accept(in, "(")) {
        node->kind = CALL;
        node->child[0] = expression(in, 0);
        expect(in, ")");
    }
    return node;
}

static const char* const levels[][5] = {
    {"==", "!=", NULL}, {"<=", ">=", "<", ">", NULL}, {"+", "-", NULL}, {"*", "/", "%", NULL}, {"^", NULL}};
enum { LEVELS = sizeof levels / sizeof *levels };

static struct node* expression(struct interpreter* in, int level)
{
    if (level == LEVELS) return primary(in);
    struct node* left = expression(in, level + 1);
    for (;;) {
        const char* const* symbol = levels[level];
        while (*symbol && !accept(in, *symbol)) symbol++;
        if (!*symbol) return left;
        struct node* node = new_node(in, BINARY);
        strcpy(node->symbol, *symbol);
        node->child[0] = left;
        /* powers associate to the right */
        node->child[1] = expression(in, level == LEVELS - 1 ? level : level + 1);
        left = node;
    }
}

static struct node* statement(struct interpreter* in);

static struct node* block(struct interpreter* in, const char* end)
{
    struct node *node = new_node(in, BLOCK), **tail = &node->child[0];
    while (skip_space(in), *end ? !accept(in, end) : *in->at != '\0') {
        if (!*in->at) fail(in, "expected '%s' before the end", end);
        *tail = statement(in);
        tail = &(*tail)->next;
    }
    return node;
}

static struct node* statement(struct interpreter* in)
{
    if (accept(in, "{")) return block(in, "}");
    if (accept(in, "while") || accept(in, "if")) {
        struct node* node = new_node(in, in->at[-1] == 'e' ? WHILE : IF);
        expect(in, "(");
        node->child[0] = expression(in, 0);
        expect(in, ")");
        node->child[1] = statement(in);
        if (node->kind == IF && accept(in, "else")) node->child[2] = statement(in);
        return node;
    }
    if (accept(in, "def")) {
        struct node* node = new_node(in, DEFINE);
        struct function* function = calloc(1, sizeof *function);
        if (!function) fail(in, "out of memory");
        function->next = in->functions;
        in->functions = function;
        if (!read_name(in, function->name)) fail(in, "expected a name after def");
        expect(in, "(");
        if (!read_name(in, function->parameter)) fail(in, "expected a parameter");
        expect(in, ")");
        function->body = statement(in);
        return node;
    }
    if (accept(in, "print")) {
        struct node* node = new_node(in, PRINT);
        node->child[0] = expression(in, 0);
        expect(in, ";");
        return node;
    }
    struct node* node = expression(in, 0);
    if (accept(in, "=")) {
        if (node->kind != NAME) fail(in, "only a name can be assigned to");
        node->kind = ASSIGN;
        node->child[0] = expression(in, 0);
    }
    expect(in, ";");
    return node;
}

static struct variable* find(struct interpreter* in, const char* name)
{
    for (struct variable* v = in->variables; v; v = v->next)
        if (strcmp(v->name, name) == 0) return v;
    return NULL;
}

static struct variable* declare(struct interpreter* in, const char* name, double value)
{
    struct variable* variable = calloc(1, sizeof *variable);
    if (!variable) fail(in, "out of memory");
    strcpy(variable->name, name);
    variable->value = value;
    variable->next = in->variables;
    return in->variables = variable;
}

static double evaluate(struct interpreter* in, const struct node* node);

static double call(struct interpreter* in, const struct node* node)
{
    static const struct {
        const char* name;
        double (*apply)(double);
    } built_in[] = {{"sqrt", sqrt}, {"sin", sin}, {"cos", cos}, {"exp", exp}, {"log", log}, {"floor", floor}};
    double argument = evaluate(in, node->child[0]);
    for (size_t i = 0; i < sizeof built_in / sizeof *built_in; i++)
        if (strcmp(node->name, built_in[i].name) == 0) return built_in[i].apply(argument);
    for (struct function* f = in->functions; f; f = f->next) {
        if (strcmp(f->name, node->name) != 0) continue;
        if (++in->depth > 1000) fail(in, "%s calls itself too deeply", f->name);
        struct variable* outer = in->variables;
        declare(in, f->parameter, argument);
        double result = evaluate(in, f->body);
        while (in->variables != outer) {
            struct variable* gone = in->variables;
            in->variables = gone->next;
            free(gone);
        }
        in->depth--;
        return result;
    }
    fail(in, "no function is called %s", node->name);
    return 0;
}

static double operate(struct interpreter* in, const char* symbol, double a, double b)
{
    switch (*symbol) {
        case '+':
            return a + b;
        case '-':
            return a - b;
        case '*':
            return a * b;
        case '^':
            return pow(a, b);
        case '=':
            return a == b;
        case '!':
            return a != b;
        case '<':
            return symbol[1] ? a <= b : a < b;
        case '>':
            return symbol[1] ? a >= b : a > b;
        default:
            if (b == 0) fail(in, "division by zero");
            return *symbol == '/' ? a / b : fmod(a, b);
    }
}

static double evaluate(struct interpreter* in, const struct node* node)
{
    double result = 0;
    struct variable* variable;
    switch (node->kind) {
        case NUMBER:
            return node->number;
        case NAME:
            if (!(variable = find(in, node->name))) fail(in, "%s has no value", node->name);
            return variable->value;
        case BINARY: {
            double left = evaluate(in, node->child[0]);
            return operate(in, node->symbol, left, evaluate(in, node->child[1]));
        }
        case NEGATE:
            return -evaluate(in, node->child[0]);
        case CALL:
            return call(in, node);
        case ASSIGN:
            result = evaluate(in, node->child[0]);
            if (!(variable = find(in, node->name))) variable = declare(in, node->name, result);
            return variable->value = result;
        case BLOCK:
            for (const struct node* s = node->child[0]; s; s = s->next) result = evaluate(in, s);
            return result;
        case WHILE:
            while (evaluate(in, node->child[0]) != 0) result = evaluate(in, node->child[1]);
            return result;
        case IF:
            if (evaluate(in, node->child[0]) != 0) return evaluate(in, node->child[1]);
            return node->child[2] ? evaluate(in, node->child[2]) : 0;
        case PRINT:
            result = evaluate(in, node->child[0]);
            fprintf(in->out, "%.10g\n", result);
            return result;
        case DEFINE:
            break;
    }
    return result;
}

#define FREE_LIST(type, head, link)                              \
    for (struct type* item = head, *after; item; item = after) { \
        after = item->link;                                      \
        free(item);                                              \
    }

/* Runs a program; its output, or the message of its failure, goes to out. */
static bool run(const char* program, FILE* out)
{
    struct interpreter in = {.at = program, .line = 1, .out = out};
    bool good = setjmp(in.failed) == 0;
    if (good)
        evaluate(&in, block(&in, ""));
    else
        fprintf(out, "%s\n", in.message);
    FREE_LIST(node, in.nodes, all)
    FREE_LIST(variable, in.variables, next)
    FREE_LIST(function, in.functions, next)
    return good;
}

static const struct {
    const char *program, *output;
} tests[] = {
    {"print 1 + 2 * 3;", "7\n"},
    {"print (1 + 2) * 3 - -4;", "13\n"},
    {"print 2 ^ 3 ^ 2; print 7 % 4; print 1 / 8;", "512\n3\n0.125\n"},
    {"x = 5; while (x > 0) { x = x - 2; } print x;", "-1\n"},
    {"if (1 == 2) print 1; else print 2; # a remark\nprint 3;", "2\n3\n"},
    {"def f(n) if (n < 2) n; else f(n - 1) + f(n - 2);\nprint f(20);", "6765\n"},
    {"def g(x) { y = x * 2; y + 1; } print g(g(3)); print sqrt(2);", "15\n1.414213562\n"},
    {"n = 27; steps = 0; while (n != 1) { if (n % 2) n = 3 * n + 1; else n = n / 2; steps = steps + 1; } print steps;",
     "111\n"},
    {"print 1 / 0;", "line 1: division by zero\n"},
    {"\n\nprint ghost;", "line 3: ghost has no value\n"},
    {"print (1 + ;", "line 1: expected a value before ';'\n"},
    {"while (1) { print 1", "line 1: expected ';' before 'the end'\n"},
    {"1 = 2;", "line 1: only a name can be assigned to\n"},
    {"def loop(n) loop(n + 1); loop(0);", "line 1: loop calls itself too deeply\n"},
    {"print nothing(1);", "line 1: no function is called nothing\n"},
};

static int run_tests(void)
{
    int failures = 0;
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) {
        char* output = NULL;
        size_t size = 0;
        FILE* out = open_memstream(&output, &size);
        run(tests[i].program, out);
        fclose(out);
        if (strcmp(output, tests[i].output) != 0) {
            printf("not ok: %s\n  gave %s  not  %s", tests[i].program, output, tests[i].output);
            failures++;
        }
        free(output);
    }
    printf("%zu tests, %d failures\n", sizeof tests / sizeof *tests, failures);
    return failures != 0;
}

int main(int count, char** arguments)
{
    if (count < 2) return run_tests();
    static char program[1 << 16];
    FILE* file = strcmp(arguments[1], "-") == 0 ? stdin : fopen(arguments[1], "r");
    if (!file) {
        perror(arguments[1]);
        return 66;
    }
    program[fread(program, 1, sizeof program - 1, file)] = '\0';
    return run(program, stdout) ? 0 : 65;
}
