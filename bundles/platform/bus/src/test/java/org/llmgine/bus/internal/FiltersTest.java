package org.llmgine.bus.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.llmgine.bus.internal.Settings.list;

import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.EventFilter;
import org.llmgine.bus.internal.Shop.Changed;
import org.llmgine.bus.internal.Shop.Paid;
import org.llmgine.bus.internal.Shop.Placed;
import org.llmgine.bus.internal.Shop.Unnamed;

final class FiltersTest {
    private static boolean passes(EventFilter filter, Event event) {
        return filter.passes(event, FakeContext.NONE);
    }

    private static void refused(String field, ThrowingCallable made) {
        assertThatThrownBy(made).isInstanceOfSatisfying(LlmgineException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
            assertThat(e.field()).contains(field);
        });
    }

    @Nested
    final class OfTypes {
        private TypeFilter filter(String[] include, String[] exclude) {
            return new TypeFilter(Settings.of(TypeFilterConfig.class, "include", include, "exclude", exclude));
        }

        @Test
        void withoutSettingsAllPass() {
            assertThat(passes(new TypeFilter(Settings.of(TypeFilterConfig.class)), new Placed("a")))
                    .isTrue();
        }

        @Test
        void whatIsIncludedPassesAndNothingElse() {
            TypeFilter filter = filter(list("shop/order/placed", "shop/order/paid"), list());

            assertThat(passes(filter, new Placed("a"))).isTrue();
            assertThat(passes(filter, new Paid("a"))).isTrue();
            assertThat(passes(filter, new Changed("a"))).isFalse();
        }

        @Test
        void whatIsExcludedDoesntPassAlsoWhenItIsIncluded() {
            TypeFilter filter = filter(list("shop/*"), list("shop/order/paid"));

            assertThat(passes(filter, new Placed("a"))).isTrue();
            assertThat(passes(filter, new Paid("a"))).isFalse();
        }

        @Test
        void supertypesCount() {
            assertThat(passes(filter(list("shop/order"), list()), new Placed("a")))
                    .isTrue();
            assertThat(passes(filter(list("shop/order"), list()), new Changed("a")))
                    .isFalse();
            assertThat(passes(filter(list(), list("shop/order")), new Placed("a")))
                    .isFalse();
            assertThat(passes(filter(list(), list("org/llmgine/api/bus/Event")), new Changed("a")))
                    .isFalse();
            assertThat(passes(filter(list(), list("java/*")), new Changed("a"))).isTrue();
        }

        @Test
        void whatIsNoTopicIsRefusedByTheSettingsName() {
            refused("include", () -> filter(list("/shop"), list()));
            refused("exclude", () -> filter(list(), list("shop//order")));
        }
    }

    @Nested
    final class OfSessions {
        private SessionFilter filter(String[] include, String[] exclude) {
            return new SessionFilter(Settings.of(SessionFilterConfig.class, "include", include, "exclude", exclude));
        }

        private boolean passes(SessionFilter filter, String session) {
            return filter.passes(new Placed("a"), FakeContext.inSession(session));
        }

        @Test
        void theIncludedPassTheExcludedDont() {
            assertThat(passes(filter(list("a", "b"), list()), "a")).isTrue();
            assertThat(passes(filter(list("a", "b"), list()), "c")).isFalse();
            assertThat(passes(filter(list("a"), list()), "")).isFalse();
            assertThat(passes(filter(list(), list("a")), "a")).isFalse();
            assertThat(passes(filter(list(), list("a")), "b")).isTrue();
            assertThat(passes(filter(list("a"), list("a")), "a")).isFalse();
            assertThat(passes(filter(list(), list()), "")).isTrue();
        }
    }

    @Nested
    final class OfPatterns {
        private PatternFilter filter(Object... settings) {
            return new PatternFilter(Settings.of(PatternFilterConfig.class, settings));
        }

        @Test
        void aPatternIsFoundAnywhereInTheTypesNameWhateverTheCase() {
            PatternFilter filter = filter("include", list("ORDER/p[a-l]"));

            assertThat(passes(filter, new Paid("a"))).isTrue();
            assertThat(passes(filter, new Placed("a"))).isTrue();
            assertThat(passes(filter, new Changed("a"))).isFalse();
        }

        @Test
        void theCaseCountsWhenItIsSaid() {
            assertThat(passes(filter("include", list("Placed"), "caseSensitive", true), new Placed("a")))
                    .isFalse();
            assertThat(passes(filter("include", list("placed"), "caseSensitive", true), new Placed("a")))
                    .isTrue();
        }

        @Test
        void theClasssSimpleNameIsASubjectToo() {
            PatternFilter filter = filter("include", list("^Unnamed$"), "subject", PatternFilterConfig.Subject.CLASS);

            assertThat(passes(filter, new Unnamed("a"))).isTrue();
            assertThat(passes(filter, new Placed("a"))).isFalse();
        }

        @Test
        void whatIsExcludedDoesntPass() {
            PatternFilter filter = filter("include", list("order"), "exclude", list("paid$"));

            assertThat(passes(filter, new Placed("a"))).isTrue();
            assertThat(passes(filter, new Paid("a"))).isFalse();
        }

        @Test
        void aBadPatternIsRefusedByTheSettingsName() {
            refused("include", () -> filter("include", list("a", "(")));
            refused("exclude", () -> filter("exclude", list("[")));
        }

        @Test
        void aPatternThatTriesTooManyWaysEndsAndIsNotFound() {
            String endless = "(([\\w/$]+)*)*!(?=x)\\1";

            assertThat(passes(filter("include", list(endless)), new Unnamed("a")))
                    .isFalse();
            assertThat(passes(filter("exclude", list(endless)), new Unnamed("a")))
                    .isTrue();
        }

        @Test
        void groupsAndBackReferencesWork() {
            assertThat(passes(filter("include", list("(p)laced|(h)ang\\w*")), new Placed("a")))
                    .isTrue();
            assertThat(passes(filter("include", list("(n)\\1amed")), new Unnamed("a")))
                    .isTrue();
        }
    }

    @Nested
    final class OfMetadata {
        private boolean passes(Map<String, String> metadata, String... required) {
            return new MetadataFilter(Settings.of(MetadataFilterConfig.class, "required", required))
                    .passes(new Placed("a"), FakeContext.with(metadata));
        }

        @Test
        void allKeysMustBeThereAndAllValuesEqual() {
            assertThat(passes(Map.of("tenant", "a", "region", "eu"), "tenant", "region"))
                    .isTrue();
            assertThat(passes(Map.of("tenant", "a"), "tenant", "region")).isFalse();
            assertThat(passes(Map.of("region", "eu"), "region=eu")).isTrue();
            assertThat(passes(Map.of("region", "us"), "region=eu")).isFalse();
            assertThat(passes(Map.of(), "region=eu")).isFalse();
            assertThat(passes(Map.of("sum", "1=1"), "sum=1=1")).isTrue();
            assertThat(passes(Map.of())).isTrue();
        }
    }

    @Nested
    final class OfRates {
        private final AtomicLong clock = new AtomicLong();

        private RateFilter filter(Object... settings) {
            return new RateFilter(Settings.of(RateFilterConfig.class, settings), clock::get);
        }

        @Test
        void twoPassAndTheThirdWhenATokenIsBack() {
            RateFilter filter = filter("permitsPerSecond", 2.0);

            assertThat(passes(filter, new Placed("a"))).isTrue();
            assertThat(passes(filter, new Placed("a"))).isTrue();
            assertThat(passes(filter, new Placed("a"))).isFalse();
            clock.addAndGet(500_000_000);
            assertThat(passes(filter, new Placed("a"))).isTrue();
        }

        @Test
        void eachSessionHasARateOfItsOwnUnlessItIsSaidOtherwise() {
            RateFilter each = filter("permitsPerSecond", 1.0);
            RateFilter together = filter("permitsPerSecond", 1.0, "perSession", false);

            for (RateFilter filter : new RateFilter[] {each, together}) {
                assertThat(filter.passes(new Placed("a"), FakeContext.inSession("a")))
                        .isTrue();
                assertThat(filter.passes(new Placed("a"), FakeContext.inSession("b")))
                        .isEqualTo(filter == each);
                assertThat(filter.passes(new Paid("a"), FakeContext.inSession("a")))
                        .isFalse();
            }
        }

        @Test
        void eachTypeHasARateOfItsOwnWhenItIsSaid() {
            RateFilter filter = filter("permitsPerSecond", 1.0, "perType", true);

            assertThat(passes(filter, new Placed("a"))).isTrue();
            assertThat(passes(filter, new Paid("a"))).isTrue();
            assertThat(passes(filter, new Placed("a"))).isFalse();
            assertThat(filter.passes(new Placed("a"), FakeContext.inSession("other")))
                    .isTrue();
        }

        @Test
        void theConfiguredOneCountsByTheRealClock() {
            RateFilter filter =
                    new RateFilter(Settings.of(RateFilterConfig.class, "permitsPerSecond", 0.001, "burst", 2));

            assertThat(passes(filter, new Placed("a"))).isTrue();
            assertThat(passes(filter, new Placed("a"))).isTrue();
            assertThat(passes(filter, new Placed("a"))).isFalse();
        }
    }

    @Nested
    final class Composed {
        private final FakeReference<EventFilter> first = new FakeReference<>(1, Map.of("part", "first"));
        private final FakeReference<EventFilter> second = new FakeReference<>(2, Map.of("part", "second"));

        private CompositeFilter filter(CompositeFilterConfig.Mode mode) {
            return new CompositeFilter(
                    Settings.of(CompositeFilterConfig.class, "filters", list("first", "second"), "mode", mode));
        }

        private boolean passes(CompositeFilterConfig.Mode mode, EventFilter one, EventFilter two) {
            CompositeFilter filter = filter(mode);
            filter.addPart(second, two);
            filter.addPart(first, one);
            return FiltersTest.passes(filter, new Placed("a"));
        }

        private final EventFilter yes = (event, context) -> true;
        private final EventFilter no = (event, context) -> false;
        private final EventFilter broken = (event, context) -> {
            throw new IllegalStateException("broken");
        };
        private final EventFilter unasked = (event, context) -> {
            throw new AssertionError("It was decided before.");
        };

        @Test
        void allMustAgree() {
            CompositeFilterConfig.Mode all = CompositeFilterConfig.Mode.ALL;

            assertThat(passes(all, yes, yes)).isTrue();
            assertThat(passes(all, yes, no)).isFalse();
            assertThat(passes(all, no, unasked)).isFalse();
            assertThat(passes(all, broken, yes)).isTrue();
            assertThat(passes(all, broken, no)).isFalse();
        }

        @Test
        void anyMayAgree() {
            CompositeFilterConfig.Mode any = CompositeFilterConfig.Mode.ANY;

            assertThat(passes(any, no, yes)).isTrue();
            assertThat(passes(any, no, no)).isFalse();
            assertThat(passes(any, yes, unasked)).isTrue();
            assertThat(passes(any, broken, yes)).isTrue();
            assertThat(passes(any, broken, no)).isFalse();
        }

        @Test
        void whatIsNotThereIsLeftOut() {
            CompositeFilter filter = filter(CompositeFilterConfig.Mode.ANY);
            assertThat(FiltersTest.passes(filter, new Placed("a"))).isTrue();

            filter.addPart(first, no);
            assertThat(FiltersTest.passes(filter, new Placed("a"))).isFalse();

            filter.addPart(second, yes);
            assertThat(FiltersTest.passes(filter, new Placed("a"))).isTrue();

            filter.removePart(second);
            assertThat(FiltersTest.passes(filter, new Placed("a"))).isFalse();
        }

        @Test
        void ofTwoOfOneNameTheHigherRankingCounts() {
            CompositeFilter filter = filter(CompositeFilterConfig.Mode.ALL);
            FakeReference<EventFilter> better =
                    new FakeReference<>(3, Map.of("part", "first", "service.ranking", "10"));
            filter.addPart(first, yes);
            filter.addPart(second, yes);
            filter.addPart(better, no);
            assertThat(FiltersTest.passes(filter, new Placed("a"))).isFalse();

            filter.removePart(better);
            assertThat(FiltersTest.passes(filter, new Placed("a"))).isTrue();
        }

        @Test
        void withoutNamesItIsRefused() {
            refused("filters", () -> new CompositeFilter(Settings.of(CompositeFilterConfig.class, "filters", list())));
        }
    }
}
