package ${package};

import java.time.Clock;
import java.util.Map;
import org.llmgine.api.bus.Interceptor;
import org.llmgine.testkit.InterceptorContract;

/** What every interceptor has to do. */
class DailyLimitContractTest extends InterceptorContract {
    @Override
    protected Interceptor newInterceptor() {
        return DailyLimitTest.limit(Map.of(), Clock.systemUTC());
    }
}
