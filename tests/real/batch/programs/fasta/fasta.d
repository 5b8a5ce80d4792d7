import std.algorithm : map;
import std.array : array, replicate;
import std.range : chunks, cycle, recurrence, take, dropOne, refRange;
import std.stdio : writeln;

enum sequence = "GATTACATTAGCCAGGCTAGCTTTACGGAAACCCTGATCGATTGCAC";
enum codes = "a".replicate(27) ~ "c".replicate(12) ~ "g".replicate(12) ~ "t".replicate(27) ~ "BBDDHHKKMMNNRRSSVVWWYY";
enum bases = "a".replicate(30) ~ "c".replicate(20) ~ "g".replicate(20) ~ "t".replicate(30);

void write(Letters)(string title, Letters letters)
{
    writeln('>', title);
    foreach (line; letters.array.chunks(60)) writeln(line);
}

void main()
{
    auto seeds = recurrence!((a, n) => (a[n - 1] * 1366 + 150_889) % 714_025)(42).dropOne;
    write("ONE repeated", sequence.cycle.take(2000));
    write("TWO drawn from all codes", (&seeds).refRange.take(3000).map!(seed => codes[seed * 100 / 714_025]));
    write("THREE drawn from four bases", (&seeds).refRange.take(5000).map!(seed => bases[seed * 100 / 714_025]));
}
