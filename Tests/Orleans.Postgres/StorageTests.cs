using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;
using Tikr.Orleans.Postgres;
using Tikr.Tests.Support.Databases;

namespace Tikr.Tests.Orleans.Postgres;

/// <summary>Grain storage of one silo on PostgreSQL.</summary>
public sealed class StorageTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    private static readonly GrainId Contested = GrainId.Create("note", "contested");

    [Fact]
    public async Task Grain_writes_reads_and_clears_and_a_restarted_silo_reads_what_was_written()
    {
        await using (var silo = await PostgresSilo.StartAsync(database.ConnectionString))
        {
            var (kept, gone) = (silo.Grains.GetGrain<INoteGrain>("kept"), silo.Grains.GetGrain<INoteGrain>("gone"));
            Assert.Equal(("", false), await kept.ReadAsync());
            await kept.WriteAsync("first");
            await kept.WriteAsync("second 'quoted' \u00e9\u4e2d");
            await gone.WriteAsync("x");
            await gone.ClearAsync();
            Assert.Equal(("", false), await gone.ReadAsync());
            await gone.WriteAsync("again");
            await gone.ClearAsync();
        }

        await using var restarted = await PostgresSilo.StartAsync(database.ConnectionString);

        Assert.Equal(("second 'quoted' \u00e9\u4e2d", true), await restarted.Grains.GetGrain<INoteGrain>("kept").ReadAsync());
        Assert.Equal(("", false), await restarted.Grains.GetGrain<INoteGrain>("gone").ReadAsync());
        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM orleansstorage WHERE grainidextensionstring LIKE '%gone%'"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(TikrPostgresExtensions.PubSubStore)]
    public async Task Writer_with_an_old_ETag_is_refused_and_changes_nothing(string? name)
    {
        await using var silo = await PostgresSilo.StartAsync(database.ConnectionString);
        var storage = name is null
            ? silo.Services.GetRequiredService<IGrainStorage>() : silo.Services.GetRequiredKeyedService<IGrainStorage>(name);
        var type = "state-" + name;
        GrainState<Note> first = new(new Note { Text = "first" }), second = new(new Note { Text = "second" });

        await storage.WriteStateAsync(type, Contested, first);
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteStateAsync(type, Contested, second));
        await storage.ReadStateAsync(type, Contested, second);
        Assert.Equal("first", second.State?.Text);
        second.State = new Note { Text = "third" };
        await storage.WriteStateAsync(type, Contested, second);

        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteStateAsync(type, Contested, first));
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.ClearStateAsync(type, Contested, first));
        await storage.ReadStateAsync(type, Contested, first);
        Assert.Equal("third", first.State?.Text);
        await storage.ClearStateAsync(type, Contested, first);
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteStateAsync(type, Contested, second));
    }

    [Fact]
    public async Task Of_many_first_writers_one_wins()
    {
        await using var silo = await PostgresSilo.StartAsync(database.ConnectionString);
        var storage = silo.Services.GetRequiredService<IGrainStorage>();
        for (var round = 0; round < 20; round++)
        {
            var grain = GrainId.Create("note", $"raced-{round}");

            var won = await Task.WhenAll(Enumerable.Range(0, 12).Select(async writer =>
            {
                try
                {
                    await storage.WriteStateAsync("raced", grain, new GrainState<Note>(new Note { Text = $"{writer}" }));
                    return 1;
                }
                catch (InconsistentStateException)
                {
                    return 0;
                }
            }));

            Assert.Equal(1, won.Sum());
        }

        Assert.Equal(20, await database.ScalarAsync<long>("SELECT count(*) FROM orleansstorage WHERE graintypestring = 'raced'"));
    }

    [Fact]
    public async Task Grains_are_told_apart_by_every_part_of_their_identity()
    {
        await using var silo = await PostgresSilo.StartAsync(database.ConnectionString);
        var storage = silo.Services.GetRequiredService<IGrainStorage>();
        var longName = string.Concat(Enumerable.Repeat("\u4e2d\u6587", 2000));
        (string Type, GrainId Id)[] grains =
        [
            ("a", GrainId.Create("t", "1")), ("b", GrainId.Create("t", "1")), ("a", GrainId.Create("t", "2")),
            ("a", GrainId.Create("t", longName + "1")), ("a", GrainId.Create("t", longName + "2")),
            ("a", Numbered(GrainIdKeyExtensions.CreateIntegerKey(7))), ("a", Numbered(GrainIdKeyExtensions.CreateIntegerKey(7, "x"))),
            ("a", Numbered(GrainIdKeyExtensions.CreateGuidKey(new Guid(1, 2, 3, [4, 5, 6, 7, 8, 9, 10, 11])))),
        ];

        foreach (var (type, id) in grains)
            await storage.WriteStateAsync(type, id, new GrainState<Note>(new Note { Text = $"{type} {id}" }));

        foreach (var (type, id) in grains)
        {
            var read = new GrainState<Note>(new Note());
            await storage.ReadStateAsync(type, id, read);
            Assert.Equal($"{type} {id}", read.State?.Text);
        }
    }

    [Fact]
    public async Task Large_state_comes_back_whole()
    {
        await using var silo = await PostgresSilo.StartAsync(database.ConnectionString);
        var text = new StringBuilder();
        for (var i = 0; i < 200_000; i++) text.Append(i).Append(',');

        await silo.Grains.GetGrain<INoteGrain>("large").WriteAsync(text.ToString());

        Assert.Equal((text.ToString(), true), await silo.Grains.GetGrain<INoteGrain>("large").ReadAsync());
    }

    private static GrainId Numbered(IdSpan key) => GrainId.Create(GrainType.Create("t"), key);
}
