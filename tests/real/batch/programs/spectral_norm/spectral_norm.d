import std.algorithm : map, sum;
import std.array : array;
import std.math : sqrt;
import std.numeric : dotProduct;
import std.range : iota;
import std.stdio : writefln;

enum n = 100;

double a(int i, int j)
{
    return 1.0 / ((i + j) * (i + j + 1) / 2 + i + 1);
}

double[] times(alias entry)(double[] v)
{
    return iota(n).map!(i => iota(n).map!(j => entry(i, j) * v[j]).sum).array;
}

double[] both(double[] v)
{
    return v.times!a.times!((i, j) => a(j, i));
}

void main()
{
    double[] u = new double[n], v;
    u[] = 1;
    foreach (_; 0 .. 10)
    {
        v = both(u);
        u = both(v);
    }
    writefln("%.9f", sqrt(dotProduct(u, v) / dotProduct(v, v)));
}
