package org.llmgine.example.stock;

import org.llmgine.api.bus.Command;
import org.llmgine.api.bus.MessageType;

/** Put something aside; returns how many are left. */
@MessageType("stock/reserve")
public record Reserve(String item, int count) implements Command<Integer> {}
