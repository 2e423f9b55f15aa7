package org.llmgine.example.failures;

import org.llmgine.api.bus.Interceptor;
import org.llmgine.testkit.InterceptorContract;

class FailureCounterContractTest extends InterceptorContract {
    @Override
    protected Interceptor newInterceptor() {
        return new FailureCounter();
    }
}
