"""One row a language: small programs that all do the same."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Row:
    name: str
    alias: str
    extension: str
    hello: str
    """Says hello in one line."""
    echo: str
    """Prints its arguments, one a line, then what it reads; writes a line to stderr; ends with 3."""
    failure: str
    """Fails while it runs, with the word `broken` on stderr."""
    mistake: str
    """Is no program of its language."""
    loop: str
    """Never ends."""
    hoard: str
    """Takes memory without end."""
    flood: str
    """Prints a MiB of lines of 50 bytes: 50 MiB."""
    main: str
    """Prints what it finds in `helper`."""
    helper: str
    helper_name: str = ""
    """When it isn't `helper` and the extension."""
    hoard_ends: str = ""
    """What the language says itself when memory ends; else the kernel ends it."""
    takes_arguments: bool = True
    names_the_file: bool = True

    @property
    def second_file(self):
        return self.helper_name or f"helper.{self.extension}"


TABLE = [
    Row(
        name="python", alias="py", extension="py",
        hello='print("hello")',
        echo="""import sys
for argument in sys.argv[1:]:
    print(argument)
sys.stdout.write(sys.stdin.read())
sys.stderr.write("aside\\n")
sys.exit(3)
""",
        failure='raise RuntimeError("broken")',
        mistake="def f(:",
        loop="while True: pass",
        hoard="""hoard = []
while True:
    hoard.append(b"x" * 1048576)
""",
        flood="""for _ in range(1048576):
    print("x" * 49)
""",
        main="import helper; print(helper.name)",
        helper='name = "helper"',
    ),
    Row(
        name="javascript", alias="node", extension="js",
        hello='console.log("hello")',
        echo="""for (const argument of process.argv.slice(2)) console.log(argument);
process.stdout.write(require("fs").readFileSync(0));
console.error("aside");
process.exitCode = 3;
""",
        failure='throw new Error("broken")',
        mistake="let = = 1",
        loop="for (;;) {}",
        hoard="const hoard = []; for (;;) hoard.push(Buffer.alloc(1048576, 1));",
        flood='for (let i = 0; i < 1024; i++) require("fs").writeSync(1, ("x".repeat(49) + "\\n").repeat(1024));',
        main='console.log(require("./helper").name)',
        helper='exports.name = "helper"',
    ),
    Row(
        name="typescript", alias="ts", extension="ts",
        hello='const text: string = "hello"; console.log(text);',
        echo="""import { readFileSync } from "fs";
for (const argument of process.argv.slice(2)) console.log(argument);
process.stdout.write(readFileSync(0));
console.error("aside");
process.exitCode = 3;
""",
        failure='function fail(): never { throw new Error("broken"); }\nfail();',
        mistake='const number: number = "a string";',
        loop="for (;;) {}",
        hoard="const hoard: Buffer[] = []; for (;;) hoard.push(Buffer.alloc(1048576, 1));",
        flood="""import { writeSync } from "fs";
for (let i = 0; i < 1024; i++) writeSync(1, ("x".repeat(49) + "\\n").repeat(1024));
""",
        main='import { name } from "./helper"; console.log(name);',
        helper='export const name: string = "helper";',
    ),
    Row(
        name="bash", alias="sh", extension="sh",
        hello="echo hello",
        echo="""printf '%s\\n' "$@"
cat
echo aside >&2
exit 3
""",
        failure='echo "${x:?broken}"',
        mistake="if then",
        loop="while :; do :; done",
        hoard='x=x; while :; do x="$x$x"; done',
        flood="yes \"$(printf '%49s' x)\" | head -n 1048576",
        main='source ./helper.sh; echo "$name"',
        helper="name=helper",
    ),
    Row(
        name="c", alias="c17", extension="c",
        hello='#include <stdio.h>\nint main(void) { puts("hello"); }',
        echo="""#include <stdio.h>
int main(int count, char **arguments)
{
    for (int i = 1; i < count; i++) puts(arguments[i]);
    for (int c; (c = getchar()) != EOF;) putchar(c);
    fputs("aside\\n", stderr);
    return 3;
}
""",
        failure='#include <stdio.h>\n#include <stdlib.h>\nint main(void) { fputs("broken\\n", stderr); abort(); }',
        mistake="int main( {}",
        loop="int main(void) { for (volatile int i = 0;; i++) {} }",
        hoard='#include <stdlib.h>\n#include <string.h>\nint main(void) { for (;;) memset(malloc(1048576), 1, 1048576); }',
        flood='#include <stdio.h>\nint main(void) { for (int i = 0; i < 1048576; i++) printf("%49s\\n", "x"); }',
        main='#include <stdio.h>\n#include "helper.h"\nint main(void) { puts(NAME); }',
        helper='#define NAME "helper"', helper_name="helper.h",
    ),
    Row(
        name="cpp", alias="c++", extension="cpp",
        hello='#include <bits/stdc++.h>\nint main() { std::cout << "hello\\n"; }',
        echo="""#include <iostream>
int main(int count, char** arguments)
{
    for (int i = 1; i < count; i++) std::cout << arguments[i] << '\\n';
    std::cout << std::cin.rdbuf();
    std::cerr << "aside\\n";
    return 3;
}
""",
        failure='#include <stdexcept>\nint main() { throw std::runtime_error("broken"); }',
        mistake="int main( {}",
        loop="int main() { for (volatile int i = 0;; i = i + 1) {} }",
        hoard="#include <vector>\nint main() { std::vector<std::vector<char>> v; for (;;) v.emplace_back(1048576, 'x'); }",
        flood='#include <cstdio>\nint main() { for (int i = 0; i < 1048576; i++) std::printf("%49s\\n", "x"); }',
        main='#include <iostream>\n#include "helper.hpp"\nint main() { std::cout << name << "\\n"; }',
        helper='inline const char* const name = "helper";', helper_name="helper.hpp",
    ),
    Row(
        name="java", alias="jdk", extension="java",
        hello='public class AnyName { public static void main(String[] a) { System.out.println("hello"); } }',
        echo="""public class Echo {
    public static void main(String[] arguments) throws Exception {
        for (String argument : arguments) System.out.println(argument);
        System.in.transferTo(System.out);
        System.err.println("aside");
        System.exit(3);
    }
}
""",
        failure='class Main { public static void main(String[] a) { throw new IllegalStateException("broken"); } }',
        mistake="class Main { int x = ; }",
        loop="class Main { public static void main(String[] a) { for (;;) {} } }",
        hoard="""import java.util.*;
class Main {
    public static void main(String[] a) {
        List<byte[]> hoard = new ArrayList<>();
        for (;;) hoard.add(new byte[1048576]);
    }
}
""",
        hoard_ends="java.lang.OutOfMemoryError",
        flood="""import java.io.*;
class Main {
    public static void main(String[] a) {
        var out = new PrintStream(new BufferedOutputStream(System.out, 65536));
        for (int i = 0; i < 1048576; i++) out.println("x".repeat(49));
        out.flush();
    }
}
""",
        main="class Main { public static void main(String[] a) { System.out.println(Helper.name()); } }",
        helper='class Helper { static String name() { return "helper"; } }', helper_name="Helper.java",
    ),
    Row(
        name="go", alias="golang", extension="go",
        hello='package main\n\nimport "fmt"\n\nfunc main() { fmt.Println("hello") }',
        echo="""package main

import (
    "fmt"
    "io"
    "os"
)

func main() {
    for _, argument := range os.Args[1:] {
        fmt.Println(argument)
    }
    io.Copy(os.Stdout, os.Stdin)
    fmt.Fprintln(os.Stderr, "aside")
    os.Exit(3)
}
""",
        failure='package main\n\nfunc main() { panic("broken") }',
        mistake="package main\n\nfunc main() { x := 1 }",
        loop="package main\n\nfunc main() { for {} }",
        hoard="""package main

import "bytes"

func main() {
    var hoard [][]byte
    for {
        hoard = append(hoard, bytes.Repeat([]byte("x"), 1048576))
    }
}
""",
        flood="""package main

import (
    "bufio"
    "os"
    "strings"
)

func main() {
    out := bufio.NewWriter(os.Stdout)
    defer out.Flush()
    for i := 0; i < 1048576; i++ {
        out.WriteString(strings.Repeat("x", 49) + "\\n")
    }
}
""",
        main='package main\n\nimport (\n\t_ "embed"\n\t"fmt"\n)\n\n//go:embed helper.txt\nvar name string\n\n'
             "func main() { fmt.Println(name) }",
        helper="helper", helper_name="helper.txt",
    ),
    Row(
        name="rust", alias="rs", extension="rs",
        hello='fn main() { println!("hello"); }',
        echo="""use std::io::{copy, stdin, stdout};
fn main() {
    for argument in std::env::args().skip(1) {
        println!("{argument}");
    }
    copy(&mut stdin(), &mut stdout()).unwrap();
    eprintln!("aside");
    std::process::exit(3);
}
""",
        failure='fn main() { panic!("broken"); }',
        mistake='fn main() { let x: i32 = "text"; }',
        loop="fn main() { loop { std::hint::spin_loop(); } }",
        hoard="fn main() { let mut hoard = vec![]; loop { hoard.push(vec![1u8; 1048576]); } }",
        flood="""use std::io::Write;
fn main() {
    let mut out = std::io::BufWriter::new(std::io::stdout());
    for _ in 0..1048576 {
        writeln!(out, "{:49}", "x").unwrap();
    }
}
""",
        main='mod helper;\nfn main() { println!("{}", helper::NAME); }',
        helper='pub const NAME: &str = "helper";',
    ),
    Row(
        name="ruby", alias="rb", extension="rb",
        hello='puts "hello"',
        echo="""puts ARGV
print STDIN.read
warn "aside"
exit 3
""",
        failure='raise "broken"',
        mistake="def f(",
        loop="loop {}",
        hoard='hoard = []; loop { hoard << "x" * 1048576 }',
        flood='1048576.times { puts "x" * 49 }',
        main='require_relative "helper"; puts NAME',
        helper='NAME = "helper"',
    ),
    Row(
        name="php", alias="php8", extension="php",
        hello='<?php echo "hello\\n";',
        echo="""<?php
foreach (array_slice($argv, 1) as $argument) echo $argument, "\\n";
echo stream_get_contents(STDIN);
fwrite(STDERR, "aside\\n");
exit(3);
""",
        failure='<?php throw new Exception("broken");',
        mistake="<?php function (",
        loop="<?php for (;;);",
        hoard='<?php for (;;) $hoard[] = str_repeat("x", 1048576);',
        flood='<?php for ($i = 0; $i < 1024; $i++) echo str_repeat(str_repeat("x", 49) . "\\n", 1024);',
        main='<?php require "helper.php"; echo NAME, "\\n";',
        helper='<?php const NAME = "helper";',
    ),
    Row(
        name="perl", alias="pl", extension="pl",
        hello='print "hello\\n"',
        echo="""print "$_\\n" for @ARGV;
print while <STDIN>;
print STDERR "aside\\n";
exit 3;
""",
        failure='die "broken\\n"',
        mistake="if (",
        loop="1 while 1",
        hoard='push @hoard, "x" x 1048576 while 1',
        flood='print "x" x 49, "\\n" for 1 .. 1048576',
        main='use lib "."; use Helper; print "$Helper::name\\n"',
        helper='package Helper; our $name = "helper"; 1', helper_name="Helper.pm",
    ),
    Row(
        name="lua", alias="lua5.4", extension="lua",
        hello='print("hello")',
        echo="""for _, argument in ipairs(arg) do print(argument) end
io.write(io.read("a"))
io.stderr:write("aside\\n")
os.exit(3)
""",
        failure='error("broken")',
        mistake="local = 1",
        loop="while true do end",
        hoard='local hoard = {} while true do hoard[#hoard + 1] = ("x"):rep(1048576) .. #hoard end',
        flood='for _ = 1, 1048576 do print(("x"):rep(49)) end',
        main='print((require("helper")))',
        helper='return "helper"',
    ),
    Row(
        name="r", alias="rscript", extension="R",
        hello='cat("hello\\n")',
        echo="""for (argument in commandArgs(TRUE)) cat(argument, "\\n", sep = "")
writeLines(readLines(file("stdin")))
message("aside")
quit(status = 3)
""",
        failure='stop("broken")',
        mistake="f <- function( {",
        loop="repeat {}",
        hoard="hoard <- list(); repeat hoard[[length(hoard) + 1]] <- rep(1, 131072)",
        flood='for (i in 1:1024) writeLines(rep(strrep("x", 49), 1024))',
        main='source("helper.R"); cat(name, "\\n", sep = "")',
        helper='name <- "helper"',
        names_the_file=False,  # Rscript says the line alone
    ),
    Row(
        name="d", alias="dlang", extension="d",
        hello='import std.stdio; void main() { writeln("hello"); }',
        echo="""import std.stdio;
int main(string[] arguments)
{
    foreach (argument; arguments[1 .. $]) writeln(argument);
    foreach (line; stdin.byLine(KeepTerminator.yes)) write(line);
    stderr.writeln("aside");
    return 3;
}
""",
        failure='void main() { throw new Exception("broken"); }',
        mistake='void main() { int x = "text"; }',
        loop="void main() { for (;;) {} }",
        hoard="void main() { ubyte[][] hoard; for (;;) { auto more = new ubyte[1048576]; more[] = 1; hoard ~= more; } }",
        flood='import std.stdio; void main() { foreach (i; 0 .. 1_048_576) printf("%49s\\n", "x".ptr); }',
        main="import std.stdio, helper; void main() { writeln(text); }",
        helper='module helper; immutable text = "helper";',
    ),
    Row(
        name="fortran", alias="f95", extension="f90",
        hello="program greeting\nprint '(a)', \"hello\"\nend program",
        echo="""program echo
    use iso_fortran_env
    character(len=100) :: line
    integer :: i, status
    do i = 1, command_argument_count()
        call get_command_argument(i, line)
        write (*, '(a)') trim(line)
    end do
    do
        read (*, '(a)', iostat=status) line
        if (status /= 0) exit
        write (*, '(a)') trim(line)
    end do
    write (error_unit, '(a)') "aside"
    call exit(3)
end program
""",
        failure='program failure\nerror stop "broken"\nend program',
        mistake='program mistake\ninteger :: i\ni = "text"\nend program',
        loop="program loop\ninteger, volatile :: i\ndo\ni = 1\nend do\nend program",
        hoard="""program hoard
    integer(1), pointer, volatile :: more(:)
    do
        allocate (more(1048576))
        more = 1
    end do
end program
""",
        flood="""program flood
    integer :: i
    do i = 1, 1048576
        write (*, '(a)') repeat("x", 49)
    end do
end program
""",
        main="program main\ninclude 'helper.inc'\nprint '(a)', text\nend program",
        helper='character(len=*), parameter :: text = "helper"', helper_name="helper.inc",
    ),
    Row(
        name="haskell", alias="hs", extension="hs",
        hello='main :: IO ()\nmain = putStrLn "hello"',
        echo="""import System.Environment
import System.Exit
import System.IO

main :: IO ()
main = do
    getArgs >>= mapM_ putStrLn
    getContents >>= putStr
    hPutStrLn stderr "aside"
    exitWith (ExitFailure 3)
""",
        failure='main :: IO ()\nmain = error "broken"',
        mistake='main :: IO ()\nmain = putStrLn (1 :: Int)',
        loop="import Data.IORef\nmain :: IO ()\nmain = newIORef (0 :: Int) >>= \\r -> let go = modifyIORef' r (+ 1) >> go in go",
        hoard="import Data.List\nmain :: IO ()\nmain = let x = [1 ..] :: [Integer] in print (foldl' (+) 0 x) >> print (length x)",
        flood="main :: IO ()\nmain = putStr (concat (replicate 1048576 (replicate 49 'x' ++ \"\\n\")))",
        main="import Helper\nmain :: IO ()\nmain = putStrLn text",
        helper='module Helper where\ntext :: String\ntext = "helper"', helper_name="Helper.hs",
    ),
    Row(
        name="csharp", alias="c#", extension="cs",
        hello='class Program { static void Main() { System.Console.WriteLine("hello"); } }',
        echo="""using System;
class Program {
    static int Main(string[] arguments) {
        foreach (string argument in arguments) Console.WriteLine(argument);
        Console.Write(Console.In.ReadToEnd());
        Console.Error.WriteLine("aside");
        return 3;
    }
}
""",
        failure='class Program { static void Main() { throw new System.Exception("broken"); } }',
        mistake='class Program { static void Main() { int x = "text"; } }',
        loop="class Program { static void Main() { for (;;) {} } }",
        hoard="""using System.Collections.Generic;
class Program {
    static void Main() {
        var hoard = new List<byte[]>();
        for (;;) {
            var more = new byte[1048576];
            for (int i = 0; i < more.Length; i += 4096) more[i] = 1;
            hoard.Add(more);
        }
    }
}
""",
        flood="""using System;
using System.IO;
class Program {
    static void Main() {
        using (var output = new StreamWriter(Console.OpenStandardOutput()))
            for (int i = 0; i < 1048576; i++) output.WriteLine(new string('x', 49));
    }
}
""",
        main="class Program { static void Main() { System.Console.WriteLine(Helper.Name); } }",
        helper='class Helper { public const string Name = "helper"; }',
    ),
    Row(
        name="kotlin", alias="kt", extension="kt",
        hello='fun main() { println("hello") }',
        echo="""import kotlin.system.exitProcess
fun main(arguments: Array<String>) {
    arguments.forEach(::println)
    System.`in`.copyTo(System.out)
    System.err.println("aside")
    exitProcess(3)
}
""",
        failure='fun main() { error("broken") }',
        mistake='val x: Int = "text"',
        loop="fun main() { while (true) {} }",
        hoard="fun main() { val hoard = mutableListOf<ByteArray>(); while (true) hoard.add(ByteArray(1048576)) }",
        hoard_ends="java.lang.OutOfMemoryError",
        flood="""fun main() {
    val out = java.io.PrintStream(java.io.BufferedOutputStream(System.out, 65536))
    for (i in 1..1048576) out.println("x".repeat(49))
    out.flush()
}
""",
        main="fun main() { println(name) }",
        helper='val name = "helper"',
    ),
    Row(
        name="scala", alias="sc", extension="scala",
        hello='object AnyName { def main(a: Array[String]): Unit = println("hello") }',
        echo="""object Echo {
  def main(arguments: Array[String]): Unit = {
    arguments.foreach(println)
    io.Source.stdin.foreach(print)
    System.err.println("aside")
    sys.exit(3)
  }
}
""",
        failure='object Main { def main(a: Array[String]): Unit = sys.error("broken") }',
        mistake='object Main { val x: Int = "text" }',
        loop="object Main { def main(a: Array[String]): Unit = while (true) {} }",
        hoard="""object Main {
  def main(a: Array[String]): Unit = {
    var hoard = List[Array[Byte]]()
    while (true) hoard ::= new Array[Byte](1048576)
  }
}
""",
        hoard_ends="java.lang.OutOfMemoryError",
        flood="""object Main {
  def main(a: Array[String]): Unit = {
    val out = new java.io.PrintStream(new java.io.BufferedOutputStream(System.out, 65536))
    for (_ <- 1 to 1048576) out.println("x" * 49)
    out.flush()
  }
}
""",
        main="object Main { def main(a: Array[String]): Unit = println(Helper.name) }",
        helper='object Helper { val name = "helper" }', helper_name="Helper.scala",
    ),
    Row(
        name="sqlite", alias="sql", extension="sql",
        hello="select 'hello';",
        echo="""create table lines (line);
.import /dev/stdin lines
select line from lines;
.output /dev/stderr
select 'aside';
.exit 3
""",
        failure="""create table t (x);
create trigger refuse before insert on t begin select raise(abort, 'broken'); end;
insert into t values (1);
""",
        mistake="selekt 1;",
        loop="with recursive n (i) as (select 1 union all select i + 1 from n) select count(*) from n;",
        hoard="select length(hex(zeroblob(450000000)));",
        flood="""with recursive n (i) as (select 1 union all select i + 1 from n limit 1048576)
select printf('%49s', 'x') from n;
""",
        main=".read helper.sql\nselect name from helper;",
        helper="create table helper (name);\ninsert into helper values ('helper');",
        takes_arguments=False,  # a script has none
        names_the_file=False,  # it says the line alone
    ),
]
