using System;
using System.Linq;

struct Vector {
    public readonly double X, Y, Z;
    public Vector(double x, double y, double z) { X = x; Y = y; Z = z; }
    public static Vector operator +(Vector a, Vector b) { return new Vector(a.X + b.X, a.Y + b.Y, a.Z + b.Z); }
    public static Vector operator -(Vector a, Vector b) { return a + -1 * b; }
    public static Vector operator *(double f, Vector a) { return new Vector(f * a.X, f * a.Y, f * a.Z); }
    public double Length { get { return Math.Sqrt(X * X + Y * Y + Z * Z); } }
    public override string ToString() { return string.Format("{0:F6} {1:F6} {2:F6}", X, Y, Z); }
}

class Body {
    public Vector Position, Velocity;
    public double Mass;
}

static class NBody {
    static readonly Body[] bodies = {
        new Body { Mass = 40 },
        new Body { Position = new Vector(5, 0, 0.2), Velocity = new Vector(0, 2.8, 0), Mass = 0.04 },
        new Body { Position = new Vector(0, 9, -0.5), Velocity = new Vector(-2.1, 0, 0.1), Mass = 0.01 },
        new Body { Position = new Vector(-13, 0.3, 0), Velocity = new Vector(0, -1.7, 0.05), Mass = 0.002 },
    };

    static void ForPairs(Action<Body, Body> action) {
        for (int i = 0; i < bodies.Length; i++)
            foreach (Body other in bodies.Skip(i + 1)) action(bodies[i], other);
    }

    static double Energy() {
        double sum = bodies.Sum(body => 0.5 * body.Mass * Math.Pow(body.Velocity.Length, 2));
        ForPairs((a, b) => sum -= a.Mass * b.Mass / (a.Position - b.Position).Length);
        return sum;
    }

    static void Advance(double dt) {
        ForPairs((a, b) => {
            Vector d = a.Position - b.Position;
            double pull = dt / Math.Pow(d.Length, 3);
            a.Velocity -= b.Mass * pull * d;
            b.Velocity += a.Mass * pull * d;
        });
        foreach (Body body in bodies) body.Position += dt * body.Velocity;
    }

    static void Main() {
        Console.WriteLine("{0:F9}", Energy());
        for (int i = 0; i < 1000; i++) Advance(0.01);
        Console.WriteLine("{0:F9}", Energy());
        foreach (Body body in bodies) Console.WriteLine(body.Position);
    }
}
