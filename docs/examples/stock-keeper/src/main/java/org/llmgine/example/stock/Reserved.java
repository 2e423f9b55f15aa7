package org.llmgine.example.stock;

import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.MessageType;

/** Something was put aside. */
@MessageType("stock/reserved")
public record Reserved(String item, int count, int left) implements Event {}
