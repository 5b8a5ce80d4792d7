import std.math : sqrt;
import std.stdio;

struct Body
{
    double[3] position, velocity;
    double mass;
}

Body[] bodies = [
    Body([0, 0, 0], [0, 0, 0], 40),
    Body([5, 0, 0.2], [0, 2.8, 0], 0.04),
    Body([0, 9, -0.5], [-2.1, 0, 0.1], 0.01),
    Body([-13, 0.3, 0], [0, -1.7, 0.05], 0.002),
];

double squared(const double[3] v)
{
    double sum = 0;
    foreach (x; v) sum += x * x;
    return sum;
}

double energy()
{
    double sum = 0;
    foreach (i, ref a; bodies)
    {
        sum += 0.5 * a.mass * squared(a.velocity);
        foreach (ref b; bodies[i + 1 .. $])
        {
            const double[3] d = a.position[] - b.position[];
            sum -= a.mass * b.mass / sqrt(squared(d));
        }
    }
    return sum;
}

void advance(double dt)
{
    foreach (i, ref a; bodies)
        foreach (ref b; bodies[i + 1 .. $])
        {
            const double[3] d = a.position[] - b.position[];
            const pull = dt / squared(d) ^^ 1.5;
            a.velocity[] -= d[] * (b.mass * pull);
            b.velocity[] += d[] * (a.mass * pull);
        }
    foreach (ref each; bodies) each.position[] += each.velocity[] * dt;
}

void main()
{
    writefln("%.9f", energy());
    foreach (_; 0 .. 1000) advance(0.01);
    writefln("%.9f", energy());
    foreach (ref each; bodies) writefln("%(%.6f %)", each.position[]);
}
