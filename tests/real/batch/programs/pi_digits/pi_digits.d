import std.bigint;
import std.conv : to;
import std.range : chunks;
import std.stdio : writeln;

enum digits = 200;

BigInt arctanOfInverse(int x)
{
    BigInt total = 0, power = BigInt(10) ^^ (digits + 10) / x;
    for (int n = 1, sign = 1; power > 0; n += 2, sign = -sign)
    {
        total += power / n * sign;
        power /= x * x;
    }
    return total;
}

void main()
{
    const pi = 16 * arctanOfInverse(5) - 4 * arctanOfInverse(239);
    foreach (line; pi.to!string[0 .. digits].chunks(50)) writeln(line);
}
