import java.nio.charset.StandardCharsets;
import java.util.Scanner;
import java.util.stream.Collectors;

public class ReverseComplement {
    static final String CODES = "ACGTBDHKMNRSVWYacgt", COMPLEMENTS = "TGCAVHDMKNYSBWRTGCA";

    static char complement(int code) {
        return COMPLEMENTS.charAt(CODES.indexOf(code));
    }

    public static void main(String[] arguments) {
        var records = new Scanner(System.in, StandardCharsets.US_ASCII).useDelimiter(">");
        while (records.hasNext()) {
            String[] parts = records.next().split("\n", 2);
            System.out.println(">" + parts[0]);
            String text = new StringBuilder(parts[1].replace("\n", "")).reverse().chars()
                .mapToObj(code -> String.valueOf(complement(code))).collect(Collectors.joining());
            for (int i = 0; i < text.length(); i += 60) {
                System.out.println(text.substring(i, Math.min(i + 60, text.length())));
            }
        }
    }
}
