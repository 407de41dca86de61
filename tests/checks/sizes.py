#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""No function is over 60 lines (rows of a table inside it are not counted), none takes more than 5 arguments.

C is scanned as clang-format leaves it: a function's braces stand alone at the start of a line. Python is parsed.
"""
import ast
import re
import sys

import house

LINES_MAX = 60
ARGUMENTS_MAX = 5
# How many a library hands to those that it calls is the library's to say: name -> arguments.
MANY_ARGUMENTS = {"on_request": 8, "on_asked": 8, "note_member": 6, "_on_notify": 7}
TABLE_ROW = re.compile(r"^\t+\{.*\},?\s*$")
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.S)
STRING = re.compile(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'')


def blank(match):
    """Keep the lines, drop the text."""
    return re.sub(r"[^\n]", " ", match.group(0))


def split_arguments(text):
    """How many there are between the outer brackets of a signature."""
    depth, count, seen = 0, 0, False
    for char in text:
        depth += (char in "([") - (char in ")]")
        if depth and not char.isspace() and char not in "()":
            seen = True
        if char == "," and depth == 1:
            count += 1
    return count + 1 if seen else 0


def outer_brackets(signature):
    """The last bracket group of a signature that stands outside all others."""
    depth, start, groups = 0, 0, []
    for i, char in enumerate(signature):
        if char == "(":
            start = i if depth == 0 else start
            depth += 1
        elif char == ")":
            depth -= 1
            if depth == 0:
                groups.append((start, i))
    return groups


def name_and_brackets(signature, groups):
    """The first group that is neither an attribute's nor a macro's (HF_PRINTF(2, 3)), and the name before it."""
    for start, end in groups:
        name = (re.findall(r"\w+", signature[:start]) or ["?"])[-1]
        if not re.match(r"^(__attribute__|HF_\w+)$", name):
            return start, end, name
    return (*groups[-1], "?")


def functions_of_c(text):
    """(name, first line, lines, arguments) of each function."""
    text = STRING.sub(blank, COMMENT.sub(blank, text))
    lines = text.split("\n")
    begin = None
    for number, line in enumerate(lines):
        if line == "{":
            begin = number
        elif line == "}" and begin is not None:
            first = begin
            while first > 0 and lines[first - 1].strip() and not re.match(r"[#}]|.*;\s*$", lines[first - 1]):
                first -= 1
            signature = " ".join(lines[first:begin])
            groups = outer_brackets(signature)
            if groups:
                start, end, name = name_and_brackets(signature, groups)
                length = sum(not TABLE_ROW.match(inner) for inner in lines[begin:number + 1])
                yield name, first + 1, length, split_arguments(signature[start:end + 1])
            begin = None


def pointers_of_c(text):
    """The same of each type of a function that is called through a pointer."""
    text = STRING.sub(blank, COMMENT.sub(blank, text))
    for match in re.finditer(r"\(\*\s*(?:const )?(\w+)(?:\[\w*\])?\)\s*(?=\()", text):
        start, end = outer_brackets(text[match.end():match.end() + 2000])[0]
        yield match.group(1), text.count("\n", 0, match.start()) + 1, 1, split_arguments(text[match.end() + start:match.end() + end + 1])


def arguments_of_python(given):
    """*words and **more are one each; the object that a method is called on is none."""
    names = [a.arg for a in (*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg) if a]
    return len(names) - (names[:1] in (["self"], ["cls"]))


def functions_of_python(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            yield getattr(node, "name", "lambda"), node.lineno, node.end_lineno - node.lineno + 1, arguments_of_python(node.args)


def check_file(path, functions):
    wrong, looked = [], 0
    for name, line, length, arguments in functions:
        looked += 1
        if length > LINES_MAX:
            wrong.append(f"{path}:{line}: {name} has {length} lines; at most {LINES_MAX} are allowed")
        if arguments > MANY_ARGUMENTS.get(name, ARGUMENTS_MAX):
            wrong.append(f"{path}:{line}: {name} has {arguments} arguments; at most {ARGUMENTS_MAX} are allowed")
    return wrong, looked


def check(root):
    wrong, looked = [], 0
    for path in house.planted(root, house.files(root, ".c", ".h")):
        said, n = check_file(path, [*functions_of_c(house.read(root, path)), *pointers_of_c(house.read(root, path))])
        wrong, looked = wrong + said, looked + n
    for path in house.planted(root, house.files(root, ".py")):
        said, n = check_file(path, functions_of_python(house.read(root, path)))
        wrong, looked = wrong + said, looked + n
    return wrong, looked


def plant_long(root):
    house.write(root, "agent/planted.c", "static int planted(void)\n{\n" + "\tint x;\n" * 59 + "}\n")


def plant_many(root):
    house.write(root, "agent/planted.c", "int planted(int a, int (*b)(int, int), int c[2],\n\t    int d, int e, int f, int g)\n{\n}\n")


def arguments(signature):
    return lambda root: house.write(root, "agent/planted.c", signature + "\n{\n}\n")


def python(text):
    return lambda root: house.write(root, "tests/planted.py", text + "\n")


def plant_python(root):
    house.write(root, "tests/planted.py", "def planted():\n" + "    x = 1\n" * 60)


PLANTS = (
    ("61 lines", plant_long, "planted has 61 lines"),
    ("7 arguments", plant_many, "planted has 7 arguments"),
    ("6 arguments of a static function", arguments("static int planted(int a, int b, int c, int d, int e, int f)"), "has 6 arguments"),
    ("6 arguments behind a macro", arguments("HF_NODISCARD static hf_rc planted(int a, int b, int c, int d, int e,\n\t\t\t\t  int f)"),
     "planted has 6 arguments"),
    ("6 arguments behind a macro with brackets", arguments("void HF_PRINTF(6, 0) planted(int a, int b, int c, int d, int e, char *f)"),
     "planted has 6 arguments"),
    ("6 arguments behind an attribute", arguments(
        '__attribute__((visibility("default"), used)) int planted(int a, int b, int c, int d, int e, int f)'), "planted has 6 arguments"),
    ("6 arguments, the type on a line of its own", arguments("struct x *\nplanted(int a, int b, int c, int d, int e, int f)"),
     "planted has 6 arguments"),
    ("6 arguments through a pointer", lambda r: house.write(
        r, "agent/planted.h", "struct x {\n\tint (*planted)(int, int, void (*)(int, int),\n\t\tint, int, int);\n};\n"), "planted has 6 arguments"),
    ("6 arguments in Python", python("def planted(a, b, /, c, *, d, **more):\n    return lambda a, b, c, d, e, f: a"), "lambda has 6 arguments"),
    ("6 arguments of a method", python("class X:\n    def planted(self, a, b, c, *words, d, **more):\n        pass"), "planted has 6 arguments"),
    ("61 lines of Python", plant_python, "planted has 61 lines"),
)

if __name__ == "__main__":
    sys.exit(house.main(check, PLANTS))
