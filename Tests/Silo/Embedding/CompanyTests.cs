using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Tikr.Storage;
using Tikr.Tests.Support;

namespace Tikr.Tests.Silo.Embedding;

/// <summary>The embedded store belongs to one silo of a cluster.</summary>
public sealed class CompanyTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_second_silo_is_refused_with_the_remedy_and_the_first_goes_on()
    {
        await using var first = new Application(Application.Spec);
        await first.Web.StartAsync(Stop);
        await using var second = new Application(Application.Spec, joins: first.SiloPort);

        var refused = await Assert.ThrowsAnyAsync<Exception>(() => second.Web.StartAsync(Stop));

        var reason = Assert.IsType<StoreRefusedException>(refused.GetBaseException());
        Assert.Contains($"127.0.0.1:{first.SiloPort}", reason.Message, StringComparison.Ordinal);
        Assert.Contains("AddTikrTimescale", reason.Message, StringComparison.Ordinal);
        Assert.False(first.Get<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested);
    }

    [Fact]
    public async Task One_that_another_joins_all_the_same_stops()
    {
        await using var first = new Application(Application.Spec);
        await first.Web.StartAsync(Stop);
        // As one with another store would be, or of another version.
        await using var second = new Application(
            Application.Spec, configure: builder => builder.Services.RemoveAll<UnsharedStore>(), joins: first.SiloPort);

        var starting = second.Web.StartAsync(Stop);

        await Eventually.HoldsAsync("the first stops", Eventually.Patience, () => Task.FromResult(
            first.Get<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested ? null : "it runs"));
        await starting;
    }
}
