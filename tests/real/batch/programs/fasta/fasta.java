import java.util.function.IntUnaryOperator;

public class Fasta {
    static final String SEQUENCE = "GATTACATTAGCCAGGCTAGCTTTACGGAAACCCTGATCGATTGCAC";
    static final String CODES =
        "a".repeat(27) + "c".repeat(12) + "g".repeat(12) + "t".repeat(27) + "BBDDHHKKMMNNRRSSVVWWYY";
    static final String BASES = "a".repeat(30) + "c".repeat(20) + "g".repeat(20) + "t".repeat(30);

    private int seed = 42;

    char draw(String letters) {
        seed = (seed * 1366 + 150889) % 714025;
        return letters.charAt(seed * 100 / 714025);
    }

    static void write(String title, int length, IntUnaryOperator letter) {
        var text = new StringBuilder(">" + title);
        for (int i = 0; i < length; i++) {
            if (i % 60 == 0) text.append('\n');
            text.append((char) letter.applyAsInt(i));
        }
        System.out.println(text);
    }

    public static void main(String[] arguments) {
        var random = new Fasta();
        write("ONE repeated", 2000, i -> SEQUENCE.charAt(i % SEQUENCE.length()));
        write("TWO drawn from all codes", 3000, i -> random.draw(CODES));
        write("THREE drawn from four bases", 5000, i -> random.draw(BASES));
    }
}
