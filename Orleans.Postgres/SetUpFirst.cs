namespace Tikr.Orleans.Postgres;

/// <summary>Sets the database up before any part of the silo reads it.</summary>
internal sealed class SetUpFirst(OrleansDatabaseSetUp setUp) : ILifecycleParticipant<ISiloLifecycle>
{
    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(nameof(SetUpFirst), ServiceLifecycleStage.First, setUp.RunAsync);
}
