package org.llmgine.bus.internal;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.bus.Command;
import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.MessageType;

/** Messages for tests. */
final class Shop {
    private Shop() {}

    @MessageType("shop/order/place")
    record Place(String what) implements Command<String> {}

    @MessageType("shop/stock/count")
    record Count(String what) implements Command<String> {}

    @MessageType("shop/order")
    interface OrderEvent extends Event {}

    @MessageType("shop/order/placed")
    record Placed(String what) implements OrderEvent {}

    @MessageType("shop/order/paid")
    record Paid(String what) implements OrderEvent {}

    @MessageType("shop/stock/changed")
    record Changed(String what) implements Event {}

    /** Named by its class. */
    record Unnamed(String what) implements Event {}

    @MessageType("shop/order/noted")
    record Noted(int number, String text, @Nullable String remark, Optional<String> by) implements Command<String> {}

    /** No record. */
    @MessageType("shop/closed")
    static final class Closed implements Event {}
}
