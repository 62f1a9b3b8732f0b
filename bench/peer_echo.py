"""A server of the plainest request and reply that pika allows: what arrives is sent back."""

import sys

import pika


def main(uri: str, queue: str, kind: str) -> None:
    """Serve until killed; `kind` is the queue's type."""
    connection = pika.BlockingConnection(pika.URLParameters(uri))
    channel = connection.channel()
    channel.basic_qos(prefetch_count=16)
    lasting = kind == "quorum"
    arguments = {"x-queue-type": kind, "x-expires": 120_000}
    channel.queue_declare(queue, durable=lasting, auto_delete=not lasting, arguments=arguments)

    def answer(channel, deliver, properties, body):
        reply = pika.BasicProperties(correlation_id=properties.correlation_id)
        channel.basic_publish("", properties.reply_to, body, reply)
        channel.basic_ack(deliver.delivery_tag)

    channel.basic_consume(queue, answer)
    print("ready", flush=True)
    channel.start_consuming()


if __name__ == "__main__":
    main(*sys.argv[1:])
