using System.Runtime.CompilerServices;
using Portcullis.Gateway.Scheduling;

namespace Portcullis.Gateway.Tests.Scheduling;

internal static class AsInProduction
{
    // The runtime reads it with the first socket of the process.
    [ModuleInitializer]
    internal static void UseSocketThreads() => SocketThreads.Use();
}
