import java.util.List;

record Vector(double x, double y, double z) {
    Vector plus(Vector other, double factor) {
        return new Vector(x + factor * other.x, y + factor * other.y, z + factor * other.z);
    }

    double length() {
        return Math.sqrt(x * x + y * y + z * z);
    }
}

class Body {
    Vector position;
    Vector velocity;
    final double mass;

    Body(Vector position, Vector velocity, double mass) {
        this.position = position;
        this.velocity = velocity;
        this.mass = mass;
    }

    Vector from(Body other) {
        return position.plus(other.position, -1);
    }
}

class NBody {
    static final List<Body> bodies = List.of(
        new Body(new Vector(0, 0, 0), new Vector(0, 0, 0), 40),
        new Body(new Vector(5, 0, 0.2), new Vector(0, 2.8, 0), 0.04),
        new Body(new Vector(0, 9, -0.5), new Vector(-2.1, 0, 0.1), 0.01),
        new Body(new Vector(-13, 0.3, 0), new Vector(0, -1.7, 0.05), 0.002));

    static double energy() {
        double sum = 0;
        for (int i = 0; i < bodies.size(); i++) {
            Body a = bodies.get(i);
            sum += 0.5 * a.mass * Math.pow(a.velocity.length(), 2);
            for (Body b : bodies.subList(i + 1, bodies.size())) sum -= a.mass * b.mass / a.from(b).length();
        }
        return sum;
    }

    static void advance(double dt) {
        for (int i = 0; i < bodies.size(); i++) {
            Body a = bodies.get(i);
            for (Body b : bodies.subList(i + 1, bodies.size())) {
                Vector d = a.from(b);
                double pull = dt / Math.pow(d.length(), 3);
                a.velocity = a.velocity.plus(d, -b.mass * pull);
                b.velocity = b.velocity.plus(d, a.mass * pull);
            }
        }
        for (Body body : bodies) body.position = body.position.plus(body.velocity, dt);
    }

    public static void main(String[] arguments) {
        System.out.printf("%.9f%n", energy());
        for (int i = 0; i < 1000; i++) advance(0.01);
        System.out.printf("%.9f%n", energy());
        for (Body body : bodies) {
            System.out.printf("%.6f %.6f %.6f%n", body.position.x(), body.position.y(), body.position.z());
        }
    }
}
