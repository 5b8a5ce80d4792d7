import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.Comparator;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

public class KNucleotide {
    static Map<String, Long> counts(String text, int length) {
        return IntStream.rangeClosed(0, text.length() - length)
            .mapToObj(i -> text.substring(i, i + length))
            .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
    }

    public static void main(String[] arguments) {
        String text = new BufferedReader(new InputStreamReader(System.in)).lines()
            .dropWhile(line -> !line.startsWith(">THREE")).skip(1).collect(Collectors.joining()).toUpperCase();
        for (int length = 1; length <= 2; length++) {
            double total = text.length() - length + 1;
            counts(text, length).entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder()).thenComparing(Map.Entry.comparingByKey()))
                .forEach(each -> System.out.printf("%s %.3f%n", each.getKey(), 100 * each.getValue() / total));
            System.out.println();
        }
        for (String word : new String[] {"GAT", "GATT", "GATTA", "GATTACA"}) {
            System.out.println(counts(text, word.length()).getOrDefault(word, 0L) + " " + word);
        }
    }
}
