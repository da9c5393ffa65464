using Microsoft.Extensions.Hosting;

namespace Tikr.KafkaStreams;

/// <summary>Publishes orders and shows what the customers' grains make of them.</summary>
internal sealed class Shop(IClusterClient client, SampleArguments arguments, IHostApplicationLifetime lifetime) : BackgroundService
{
    private static readonly string[] Customers = ["ada", "grace", "edsger", "barbara"];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var streams = client.GetStreamProvider(SampleArguments.Provider);
        using var second = new PeriodicTimer(TimeSpan.FromSeconds(1));
        for (var round = 0; round < arguments.Seconds && await second.WaitForNextTickAsync(stoppingToken); round++)
        {
            for (var i = 0; i < 10; i++)
            {
                var order = new Order(Customers[i % Customers.Length], (round * 10) + i, 1 + i);
                await streams.GetStream<Order>(StreamId.Create("orders", order.Customer)).OnNextAsync(order);
            }

            foreach (var customer in Customers)
            {
                var (orders, total, offset) = await client.GetGrain<ICustomerGrain>(customer).GetTotalAsync();
                Console.WriteLine($"{customer,-8} {orders,5} orders, {total,6} in total, up to offset {offset}");
            }
        }

        lifetime.StopApplication();
    }
}
