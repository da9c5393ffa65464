global using Grpc.Core;
global using Tikr.Contracts;
global using TikrClient = Tikr.Contracts.Tikr.TikrClient;

// Each test loads a server process and measures it by the wall clock: two at a time would only disturb each other.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

[assembly: AssemblyFixture(typeof(Tikr.Tests.Support.Databases.TimescaleServer))]
