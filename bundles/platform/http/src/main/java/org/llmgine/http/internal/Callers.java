package org.llmgine.http.internal;

import jakarta.servlet.http.HttpServletRequest;
import org.llmgine.api.Principal;

/** Hands the caller from the gate to the resources. */
final class Callers {
    private static final String ATTRIBUTE = "org.llmgine.principal";

    private Callers() {}

    static void set(HttpServletRequest request, Principal principal) {
        request.setAttribute(ATTRIBUTE, principal);
    }

    static Principal of(HttpServletRequest request) {
        return request.getAttribute(ATTRIBUTE) instanceof Principal principal ? principal : Principal.ANONYMOUS;
    }
}
