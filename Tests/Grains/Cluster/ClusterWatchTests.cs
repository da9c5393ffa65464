using System.Collections.Immutable;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Tikr.Grains;
using Tikr.Grains.Cluster;
using Tikr.Storage;
using Tikr.Tests.Support.Memory;

namespace Tikr.Tests.Grains.Cluster;

/// <summary>Who takes part, by a membership of the test's and the incarnations that the store knows.</summary>
public sealed class ClusterWatchTests : IAsyncLifetime
{
    private const string Definitions = "ours";
    private readonly FakeMembership _membership = new();
    private readonly FatalErrors _fatal = new();
    private TestSilo _silo = null!;
    private ClusterWatch _watch = null!;

    public async ValueTask InitializeAsync()
    {
        _silo = await TestSilo.StartAsync();
        _membership.Show(View.Self, SiloStatus.Active);
        _watch = new ClusterWatch(
            _membership, View, _silo.Services.GetRequiredService<TikrGrainOptions>(), NullLogger<ClusterWatch>.Instance,
            _silo.Services.GetRequiredService<SealedPairs>(), _fatal, _silo.Time, _silo.Store);
        await _watch.RegisterAsync(Definitions, Stop);
        await _silo.Store.AllocateEpochAsync(Stop);
    }

    public async ValueTask DisposeAsync()
    {
        await _watch.DisposeAsync();
        await _silo.DisposeAsync();
    }

    [Fact]
    public async Task Silo_that_is_alive_and_registered_takes_part_and_one_that_is_dead_or_gone_is_sealed()
    {
        var living = await RegisterAsync(Other(1), Definitions, SiloStatus.Active);
        var dead = await RegisterAsync(Other(2), Definitions, SiloStatus.Dead);
        var gone = await RegisterAsync(Other(3), Definitions, status: null);

        await _watch.LookOnceAsync(Stop);

        Assert.Equal(new[] { View.Self, living }.Order(), View.Now.Members.Select(member => member.Silo).Order());
        Assert.Equal(new[] { dead, gone }.Order(), (await SealedAsync()).Order());
    }

    [Fact]
    public async Task Silo_that_goes_by_other_bar_definitions_owns_no_key_here()
    {
        await RegisterAsync(Other(1), "others", SiloStatus.Active);

        await _watch.LookOnceAsync(Stop);

        Assert.Equal(View.Self, Assert.Single(View.Now.Members).Silo);
        Assert.Empty(await SealedAsync());
    }

    [Fact]
    public async Task Who_writes_without_a_silo_is_left_alone()
    {
        await new MemoryStore(_silo.Store.Disk, _silo.Time).RegisterAsync(Incarnation.Nameless(), Stop);

        await _watch.LookOnceAsync(Stop);

        Assert.Single(View.Now.Members);
        Assert.Empty(await SealedAsync());
    }

    [Fact]
    public async Task Silo_that_finds_itself_sealed_ends_whatever_its_membership_says()
    {
        await _watch.LookOnceAsync(Stop);
        Assert.Null(_fatal.Last);
        await new MemoryStore(_silo.Store.Disk, _silo.Time).SealAsync(View.Self.ToParsableString(), Stop);

        await _watch.LookOnceAsync(Stop);

        Assert.IsType<StoreSealedException>(_fatal.Last);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private ClusterView View => _silo.Services.GetRequiredService<ClusterView>();

    private static SiloAddress Other(int i) => SiloAddress.New(new IPEndPoint(IPAddress.Parse($"10.0.0.{i}"), 11_111), 1);

    private async Task<SiloAddress> RegisterAsync(SiloAddress silo, string definitions, SiloStatus? status)
    {
        var store = new MemoryStore(_silo.Store.Disk, _silo.Time);
        await store.RegisterAsync(new Incarnation(silo.ToParsableString(), silo.Endpoint.ToString(), definitions), Stop);
        await store.AllocateEpochAsync(Stop);
        if (status is { } shown) _membership.Show(silo, shown);
        return silo;
    }

    private async Task<IEnumerable<SiloAddress>> SealedAsync() =>
        (await _silo.Store.ListAsync(Stop)).Where(one => one.IsSealed)
            .Select(one => SiloAddress.FromParsableString(one.Incarnation.Name));

    private sealed class FatalErrors : IFatalErrorHandler
    {
        public Exception? Last { get; private set; }

        public bool IsUnexpected(Exception exception) => true;

        public void OnFatalException(object? sender = null, string? context = null, Exception? exception = null) => Last = exception;
    }

    private sealed class FakeMembership : IClusterMembershipService
    {
        private ImmutableDictionary<SiloAddress, ClusterMember> _members = ImmutableDictionary<SiloAddress, ClusterMember>.Empty;

        public ClusterMembershipSnapshot CurrentSnapshot => new(_members, new MembershipVersion(_members.Count));

        public IAsyncEnumerable<ClusterMembershipSnapshot> MembershipUpdates => throw new NotSupportedException();

        public void Show(SiloAddress silo, SiloStatus status) =>
            _members = _members.SetItem(silo, new ClusterMember(silo, status, silo.ToString()));

        public ValueTask Refresh(MembershipVersion minimumVersion = default, CancellationToken cancellationToken = default) => default;

        public Task<bool> TryKill(SiloAddress siloAddress) => throw new NotSupportedException();
    }
}
