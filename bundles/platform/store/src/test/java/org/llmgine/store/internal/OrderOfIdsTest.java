package org.llmgine.store.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.llmgine.bus.spi.StoredTimer;

/** In a database whose locale puts "a" before "B". */
final class OrderOfIdsTest {
    @Test
    void idsAreInTheOrderOfTheirBytes() {
        String url = Postgres.shared().database("TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US'");
        try (TestDatabase database = new TestDatabase(url)) {
            JdbcTimerStore timers = new JdbcTimerStore(database.open("host_a"));
            List<String> ids = List.of("timer_B", "timer_C", "timer_a", "timer_a-1", "timer_a0");
            ids.reversed().forEach(id -> timers.put(Samples.timer(id, "")));

            assertThat(timers.list("", 9)).extracting(StoredTimer::id).isEqualTo(ids);
        }
    }
}
