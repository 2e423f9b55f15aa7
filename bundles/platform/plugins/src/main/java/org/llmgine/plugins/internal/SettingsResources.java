package org.llmgine.plugins.internal;

import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;
import org.xml.sax.helpers.DefaultHandler;

/** Checks what a jar says of its settings: that it can be read, and that its defaults are values that it takes. */
final class SettingsResources {
    private static final Pattern RESOURCE = Pattern.compile("OSGI-INF/metatype/[^/]+\\.xml");
    private static final Pattern BETWEEN_VALUES = Pattern.compile("(?<!\\\\),");
    private static final Set<String> TEXTS = Set.of("String", "Password");
    private static final Map<String, Long> LARGEST = Map.of(
            "Byte", (long) Byte.MAX_VALUE,
            "Short", (long) Short.MAX_VALUE,
            "Integer", (long) Integer.MAX_VALUE,
            "Long", Long.MAX_VALUE);
    private static final Set<String> OTHERS = Set.of("Boolean", "Char", "Character", "Double", "Float");

    private SettingsResources() {}

    /**
     * Check all of them.
     *
     * @throws org.llmgine.api.LlmgineException {@code plugin_refused}
     */
    static void check(JarFile jar) throws IOException {
        for (JarEntry entry : Collections.list(jar.entries())) {
            if (RESOURCE.matcher(entry.getName()).matches()) {
                check(entry.getName(), parse(jar, entry));
            }
        }
    }

    private static Element parse(JarFile jar, JarEntry entry) throws IOException {
        try (InputStream in = jar.getInputStream(entry)) {
            DocumentBuilderFactory factory = DocumentBuilderFactory.newDefaultInstance();
            // Nothing outside the jar is read for it.
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            DocumentBuilder builder = factory.newDocumentBuilder();
            builder.setErrorHandler(new DefaultHandler());
            return builder.parse(in).getDocumentElement();
        } catch (SAXException e) {
            throw JarReader.refused(
                    "Its settings in " + entry.getName() + " are no XML that can be read: " + Framework.sentence(e),
                    "Let bnd make the file from an @ObjectClassDefinition.");
        } catch (ParserConfigurationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void check(String file, Element root) {
        Set<String> definitions = new HashSet<>();
        for (Element definition : elements(root, "OCD")) {
            definitions.add(definition.getAttribute("id"));
            for (Element setting : elements(definition, "AD")) {
                problem(setting).ifPresent(problem -> {
                    throw JarReader.refused(
                            "Its setting '" + setting.getAttribute("id") + "' in " + file + " " + problem,
                            "Mend its @AttributeDefinition.");
                });
            }
        }
        for (Element designate : elements(root, "Designate")) {
            for (Element object : elements(designate, "Object")) {
                if (!definitions.contains(object.getAttribute("ocdref"))) {
                    throw JarReader.refused(
                            "Its settings in " + file + " name the definition '" + object.getAttribute("ocdref")
                                    + "', which isn't there.",
                            "Let bnd make the file from an @ObjectClassDefinition.");
                }
            }
        }
    }

    private static Optional<String> problem(Element setting) {
        String type = setting.getAttribute("type");
        if (!TEXTS.contains(type) && !LARGEST.containsKey(type) && !OTHERS.contains(type)) {
            return Optional.of("has the type '" + type + "', which there isn't.");
        }
        Optional<BigDecimal> min;
        Optional<BigDecimal> max;
        int cardinality;
        try {
            min = number(setting.getAttribute("min"));
            max = number(setting.getAttribute("max"));
            cardinality = number(setting.getAttribute("cardinality"))
                    .map(BigDecimal::intValueExact)
                    .orElse(0);
        } catch (ArithmeticException | NumberFormatException e) {
            return Optional.of("has a min, max or cardinality that is no number.");
        }
        List<String> options = elements(setting, "Option").stream()
                .map(option -> option.getAttribute("value"))
                .toList();
        String given = setting.getAttribute("default");
        Stream<String> values = cardinality == 0
                ? Stream.of(given)
                : BETWEEN_VALUES
                        .splitAsStream(given)
                        .map(part -> part.replace("\\,", ",").strip());
        return values.filter(value -> !value.isEmpty())
                .filter(value -> !fits(type, value)
                        || (!options.isEmpty() && !options.contains(value))
                        || !within(type, value, min, max))
                .findFirst()
                .map(value -> "has the default '" + value + "', which is not what it takes: "
                        + (options.isEmpty() ? type + bounds(min, max) : String.join(", ", options)) + ".");
    }

    private static boolean fits(String type, String value) {
        try {
            return switch (type) {
                case "Boolean" -> value.equalsIgnoreCase("true") || value.equalsIgnoreCase("false");
                case "Char", "Character" -> value.length() == 1;
                case "Double", "Float" -> Double.isFinite(Double.parseDouble(value));
                case "String", "Password" -> true;
                default -> fits(new BigDecimal(value.strip()).longValueExact(), LARGEST.getOrDefault(type, 0L));
            };
        } catch (ArithmeticException | NumberFormatException e) {
            return false;
        }
    }

    private static boolean fits(long value, long largest) {
        return value <= largest && value >= -largest - 1;
    }

    /** The bounds of a text are those of its length. */
    private static boolean within(String type, String value, Optional<BigDecimal> min, Optional<BigDecimal> max) {
        if (min.isEmpty() && max.isEmpty()) {
            return true;
        }
        BigDecimal size = TEXTS.contains(type) ? BigDecimal.valueOf(value.length()) : new BigDecimal(value.strip());
        return min.filter(bound -> size.compareTo(bound) < 0).isEmpty()
                && max.filter(bound -> size.compareTo(bound) > 0).isEmpty();
    }

    private static String bounds(Optional<BigDecimal> min, Optional<BigDecimal> max) {
        return min.map(bound -> ", at least " + bound.toPlainString()).orElse("")
                + max.map(bound -> ", at most " + bound.toPlainString()).orElse("");
    }

    private static Optional<BigDecimal> number(String value) {
        return value.isEmpty() ? Optional.empty() : Optional.of(new BigDecimal(value.strip()));
    }

    private static List<Element> elements(Element parent, String name) {
        NodeList nodes = parent.getElementsByTagName(name);
        return IntStream.range(0, nodes.getLength())
                .mapToObj(i -> (Element) nodes.item(i))
                .toList();
    }
}
