/* Janus offers no address of an interface that says it is a loopback: for the benchmark it does not say so. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <ifaddrs.h>
#include <net/if.h>

int getifaddrs(struct ifaddrs **all)
{
	int (*real)(struct ifaddrs **) = (int (*)(struct ifaddrs **))dlsym(RTLD_NEXT, "getifaddrs");
	int result = real ? real(all) : -1;
	if (result == 0)
		for (struct ifaddrs *one = *all; one; one = one->ifa_next)
			one->ifa_flags &= ~(unsigned)IFF_LOOPBACK;
	return result;
}
