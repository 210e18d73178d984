/** `@peculiar/x509` after the metadata polyfill it needs, in this order. */
import 'reflect-metadata';

export * from '@peculiar/x509';
