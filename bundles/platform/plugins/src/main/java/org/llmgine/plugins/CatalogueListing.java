package org.llmgine.plugins;

import java.util.List;

/**
 * Tells what the catalogues offer.
 *
 * @param entries the plugins, by id
 * @param problems what is amiss with the catalogues that offer nothing, each in a sentence
 */
public record CatalogueListing(List<CatalogueEntry> entries, List<String> problems) {}
