package org.llmgine.http.crooked;

import org.llmgine.api.crooked.CrookedApi;
import org.llmgine.core.spi.AccountStore;
import org.llmgine.provider.crooked.internal.deep.CrookedProviderImpl;

/** Breaks rules on purpose, to show that they can fail. */
public record CrookedFace(AccountStore accounts, CrookedApi api, CrookedProviderImpl provider) {}
