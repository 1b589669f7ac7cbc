await DistributedApplication.CreateBuilder(args).Build().RunAsync();
