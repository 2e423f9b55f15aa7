package org.llmgine.core.internal;

import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.net.URL;
import java.util.Collection;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/**
 * Tells what the settings of one PID may be, as the bundle's metatype resource has it.
 *
 * <p>The resource is read here because the Metatype Service keeps the bounds to itself, and a message has to name them.
 */
record SettingsForm(List<Field> fields) {
    private static final String RESOURCES = "OSGI-INF/metatype";
    private static final Pattern BETWEEN_VALUES = Pattern.compile("(?<!\\\\),");
    private static final Map<String, BigDecimal[]> WHOLE = Map.of(
            "Byte", bounds(Byte.MIN_VALUE, Byte.MAX_VALUE),
            "Short", bounds(Short.MIN_VALUE, Short.MAX_VALUE),
            "Integer", bounds(Integer.MIN_VALUE, Integer.MAX_VALUE),
            "Long", bounds(Long.MIN_VALUE, Long.MAX_VALUE));

    /**
     * Describes one setting.
     *
     * @param min the least number, or the least length of a text; empty for none
     * @param max the greatest number or length; empty for none
     * @param cardinality 0 for one value, else the greatest number of values, or its negative
     */
    record Field(
            String id,
            String type,
            boolean required,
            boolean hasDefault,
            int cardinality,
            Optional<BigDecimal> min,
            Optional<BigDecimal> max,
            List<String> options) {
        /** Say what is wrong with a value, without the value; nothing when it is good. */
        Optional<String> problem(@Nullable Object value) {
            List<Object> values = values(value);
            if (values.isEmpty()) {
                return required && !hasDefault
                        ? Optional.of(id + " is missing; it must be " + allowed() + ".")
                        : Optional.empty();
            }
            boolean tooMany = values.size() > Math.max(1, Math.abs((long) cardinality));
            boolean good = !tooMany && values.stream().allMatch(single -> fits(single.toString()));
            return good ? Optional.empty() : Optional.of(id + " must be " + allowed() + ".");
        }

        /**
         * Take a text apart for a setting of several values, as files and the shell have them: separated by commas, of which a
         * backslash before it makes one that belongs to the value.
         */
        Object parted(Object value) {
            return cardinality != 0 && value instanceof String text
                    ? BETWEEN_VALUES
                            .splitAsStream(text)
                            .map(part -> part.replace("\\,", ",").strip())
                            .filter(part -> !part.isEmpty())
                            .toArray(String[]::new)
                    : value;
        }

        /** Tell whether nothing was given: an empty text is no number. */
        boolean isUnset(@Nullable Object value) {
            return values(value).isEmpty();
        }

        boolean isText() {
            return type.equals("String") || type.equals("Password");
        }

        private List<Object> values(@Nullable Object value) {
            Stream<?> values = switch (value) {
                case null -> Stream.empty();
                case Object[] array -> Stream.of(array);
                case Collection<?> collection -> collection.stream();
                default -> Stream.of(value);
            };
            return values.filter(single -> !single.toString().isBlank())
                    .map(Object.class::cast)
                    .toList();
        }

        private boolean fits(String value) {
            if (!options.isEmpty() && !options.contains(value)) {
                return false;
            }
            return switch (type) {
                case "Boolean" -> value.equalsIgnoreCase("true") || value.equalsIgnoreCase("false");
                case "Character" -> value.length() == 1;
                case "String", "Password" -> within(BigDecimal.valueOf(value.length()));
                default -> fitsNumber(value.strip());
            };
        }

        private boolean fitsNumber(String value) {
            try {
                BigDecimal number = new BigDecimal(value);
                BigDecimal[] bounds = WHOLE.get(type);
                boolean representable = bounds == null
                        || (number.scale() <= 0
                                && number.compareTo(bounds[0]) >= 0
                                && number.compareTo(bounds[1]) <= 0);
                return representable && within(number);
            } catch (NumberFormatException e) {
                return false;
            }
        }

        private boolean within(BigDecimal number) {
            return min.map(bound -> number.compareTo(bound) >= 0).orElse(true)
                    && max.map(bound -> number.compareTo(bound) <= 0).orElse(true);
        }

        private String allowed() {
            if (!options.isEmpty()) {
                return "one of " + String.join(", ", options);
            }
            String what = switch (type) {
                case "Boolean" -> "true or false";
                case "Character" -> "one character";
                case "String", "Password" -> "text";
                case "Double", "Float" -> "a number";
                default -> "a whole number";
            };
            String range = Stream.of(
                            min.map(bound -> "at least " + bound.toPlainString()),
                            max.map(bound -> "at most " + bound.toPlainString()))
                    .flatMap(Optional::stream)
                    .collect(Collectors.joining(" and "));
            String many = Math.abs((long) cardinality) > 1 && Math.abs((long) cardinality) < Integer.MAX_VALUE
                    ? ", " + Math.abs((long) cardinality) + " values at most"
                    : "";
            return what
                    + (range.isEmpty() ? "" : (isText() ? " with " : " ") + range + (isText() ? " characters" : ""))
                    + many;
        }
    }

    /** Read a bundle's form for a PID or factory PID, if it has one. */
    static Optional<SettingsForm> of(Bundle bundle, String pid) throws IOException {
        Enumeration<URL> resources = bundle.findEntries(RESOURCES, "*.xml", false);
        if (resources == null) {
            return Optional.empty();
        }
        for (URL resource : Collections.list(resources)) {
            Optional<SettingsForm> form = parse(resource, pid);
            if (form.isPresent()) {
                return form;
            }
        }
        return Optional.empty();
    }

    private static Optional<SettingsForm> parse(URL resource, String pid) throws IOException {
        Document document;
        try (InputStream in = resource.openStream()) {
            document = DocumentBuilderFactory.newDefaultInstance()
                    .newDocumentBuilder()
                    .parse(in);
        } catch (ParserConfigurationException | SAXException e) {
            throw new IOException("The metatype resource " + resource + " can't be read.", e);
        }
        for (Element designate : elements(document.getElementsByTagName("Designate"))) {
            if (pid.equals(designate.getAttribute("pid")) || pid.equals(designate.getAttribute("factoryPid"))) {
                String ocd = elements(designate.getElementsByTagName("Object"))
                        .getFirst()
                        .getAttribute("ocdref");
                return elements(document.getElementsByTagName("OCD")).stream()
                        .filter(definition -> ocd.equals(definition.getAttribute("id")))
                        .findFirst()
                        .map(definition -> new SettingsForm(elements(definition.getElementsByTagName("AD")).stream()
                                .map(SettingsForm::field)
                                .toList()));
            }
        }
        return Optional.empty();
    }

    private static Field field(Element definition) {
        String cardinality = definition.getAttribute("cardinality");
        return new Field(
                definition.getAttribute("id"),
                definition.getAttribute("type"),
                !definition.getAttribute("required").equals("false"),
                definition.hasAttribute("default"),
                cardinality.isEmpty() ? 0 : Integer.parseInt(cardinality),
                bound(definition.getAttribute("min")),
                bound(definition.getAttribute("max")),
                elements(definition.getElementsByTagName("Option")).stream()
                        .map(option -> option.getAttribute("value"))
                        .toList());
    }

    private static Optional<BigDecimal> bound(String value) {
        return value.isEmpty() ? Optional.empty() : Optional.of(new BigDecimal(value));
    }

    private static BigDecimal[] bounds(long min, long max) {
        return new BigDecimal[] {BigDecimal.valueOf(min), BigDecimal.valueOf(max)};
    }

    private static List<Element> elements(NodeList nodes) {
        return IntStream.range(0, nodes.getLength())
                .mapToObj(i -> (Element) nodes.item(i))
                .toList();
    }
}
